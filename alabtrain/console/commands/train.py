"""`alabtrain train`: train models on a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alabtrain.console.given import open_given, provenance_of
from alabtrain.console.options import (
    FILE,
    combine,
    json_option,
    lang_option,
    option,
    project_options,
    selection_options,
    spark_options,
    split_options,
    store_option,
    workspace_from,
)
from alabtrain.console.settings import FLAG, find_project, parameter_sources
from alabtrain.core.modeltypes import TRAINABLE
from alabtrain.trainers.nerdl.editions import EDITIONS, OPEN

if TYPE_CHECKING:
    from alabtrain.workflows.train_config import TrainConfig
    from alabtrain.workflows.train_steps import TrainResult

NETWORKS = ("multiclassifierdl", "classifierdl")


learning_options = combine(
    option("--epochs", type=click.IntRange(1, 1000),
           help="How often the training part is read.  [default: ner 12, assertion 10, others by their number]"),
    option("--learning-rate", type=click.FloatRange(0, 1, min_open=True),
           help="Of the first epoch.  [default: 0.001; classes 0.0003, with classifierdl 0.001]"),
    option("--batch-size", type=click.IntRange(1, 1024),
           help="Examples per step.  [default: 16; classes 32; visual_ner 4]"),
    option("--members", type=click.IntRange(1, 20),
           help="Networks that decide together (assertion, visual_ner).  [default: 3; visual_ner 1]"),
    option("--layout-members", type=click.IntRange(0, 20),
           help="Networks that see the layout and no vectors of words, beside them (visual_ner).  [default: 2]"),
    option("--window", type=click.IntRange(10, 400),
           help="Words of a page that are read at once (visual_ner).  [default: 120]"),
)  # fmt: skip
"""How long and how a network learns: what `check` can say something of."""

trainer_options = combine(
    learning_options,
    option("--decay", type=click.FloatRange(0, 100),
           help="Epoch e divides the rate by 1 + DECAY * e (but classes).  [default: 0.05]"),
    option("--dropout", type=click.FloatRange(0, 1, max_open=True),
           help="Share of units left out in training (but multiclassifierdl).  [default: 0.5]"),
    option("--best-model/--last-model", default=None,
           help="Keep the epoch with the best validation F1, or the last (but classes).  [default: last-model]"),
    option("--choices", metavar="NAME",
           help='Choices to train a classifier on.  [default: marked train="true", else the first by name]'),
    option("--classifier", type=click.Choice(NETWORKS),
           help="For single choice: over the sequence of tokens, or over their mean (seconds, but weak).  "
                "[default: multiclassifierdl]"),
    option("--threshold", type=click.FloatRange(0, 1),
           help="Score from which on a text has a class (multiple choice).  [default: best on the validation part]"),
    option("--crf/--no-crf", default=None,
           help="Let a CRF decide with them (visual_ner).  [default: crf]"),
    option("--unlabeled-status", metavar="NAME",
           help="Status of NER regions that have none (assertion).  [default: they are left out]"),
    option("--ocr/--no-ocr", default=None,
           help="Read pages that have no words with Tesseract (visual_ner).  [default: ocr]"),
    option("--ocr-cache/--no-ocr-cache", default=None,
           help="Keep what was read on pages for the next time; it is text of documents.  [default: ocr-cache]"),
    option("--base-model", metavar="RUN|PATH|NAME",
           help="Continue this NER model: a run, a saved model, or a name (in the store, in a run, else in the hub)."),
    option("--new-labels/--no-new-labels", default=True,
           help="Whether the base model may get labels that it does not have."),
    option("--script", type=FILE, help="Your own NER training, a Python file with a function `train`. It is run."),
    option("--edition", type=click.Choice(EDITIONS), default=OPEN,
           help="Whose NER trainer: Spark NLP's, or that of a licensed package that you have installed (untested)."),
)  # fmt: skip
TRAINER_PARAMETERS = (
    "epochs", "learning_rate", "decay", "dropout", "batch_size", "best_model", "threshold", "unlabeled_status",
    "members", "layout_members", "classifier", "crf", "window", "ocr", "ocr_cache",
)  # fmt: skip

corpus_options = combine(
    option("--embeddings",
           help="Token embeddings; see `alabtrain embeddings`. Stack with +.  [default: those of the language]"),
    lang_option,
    option("--embeddings-cache/--no-embeddings-cache", default=True,
           help="Keep vectors (no text) for the next training."),
)  # fmt: skip

run_options = combine(
    option("--type", "types", multiple=True, type=click.Choice(TRAINABLE), envvar="ALABTRAIN_TYPE",
           help="What to train; may be given several times.  [default: what the labeling config allows]"),
    option("-o", "--output", type=FILE, default=Path("runs"), help="Where run folders go."),
    option("--model-name",
           help="Name of the (only) model.  [default: the product's, as in ner_<project>_annotation_manual]"),
    option("--show-text", is_flag=True, help="Show the most wrong sentences. They are text of your documents."),
)  # fmt: skip


DEPLOYING = "Write the labeling config with the new models' names into the run, and put them into the store."
training_options = combine(
    run_options, split_options, trainer_options, corpus_options, selection_options, store_option, spark_options
)
"""All that says how is trained, but for --deploy."""


@click.command(name="train", short_help="Train models on the chosen completions of a project.")
@project_options
@option("--deploy", is_flag=True, help=DEPLOYING)
@training_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, project: Path | None, deploy: bool, as_json: bool, **others: Any) -> None:
    """Train models on the chosen completions of PROJECT.

    Without --type, everything is trained that the labeling config allows and that has examples; of a config with texts
    and pages, what is of texts. One completion per task is chosen (`alabtrain select` shows which); the run folder
    under --output holds the models, the scores, the log and the account of everything that was left out.
    """
    from alabtrain.console import progress as live
    from alabtrain.workflows.train import train

    opened = open_given(find_project(project), ctx.params)
    with live.listener() as sink:
        workspace = workspace_from(ctx.params, sink)
        result = train(opened, config_from(ctx), workspace, provenance=provenance_of(ctx))
    _render(result, as_json=as_json, show_text=others["show_text"])


def config_from(ctx: click.Context) -> TrainConfig:
    """Return what to train and how, as the options of a command say that has `training_options`."""
    from dataclasses import replace

    from alabtrain.core.options import build
    from alabtrain.workflows.train_config import TrainConfig

    values, sources = ctx.params, parameter_sources(ctx)
    asked = {name for name in TRAINER_PARAMETERS if values[name] is not None and sources[name] == FLAG}
    return replace(build(TrainConfig, values), asked=frozenset(asked))


def _render(result: TrainResult, *, as_json: bool, show_text: bool) -> None:
    from alabtrain.console import render, terminal

    if as_json:
        terminal.print_json(result.to_dict())
    else:
        render.training(result)
    if show_text:
        render.mistakes(result.mistakes)
