"""`alabtrain train`: train models on a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from alabtrain.console.given import open_given, record_of
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
)
from alabtrain.console.settings import FLAG, find_project, parameter_sources
from alabtrain.core.modeltypes import TRAINABLE
from alabtrain.trainers.nerdl.editions import EDITIONS, OPEN

if TYPE_CHECKING:
    from alabtrain.trainers.base import Trainer
    from alabtrain.trainers.ner.base_model import BaseModel
    from alabtrain.workflows.train import TrainResult

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
    result = train_project(ctx, find_project(project), deploy=deploy)
    _render(result, as_json=as_json, show_text=others["show_text"])


def train_project(
    ctx: click.Context,
    path: Path,
    *,
    deploy: bool,
    origin: str = "manual",
    share: float = 1.0,
    output: Path | None = None,
) -> TrainResult:
    """Train on the project at `path` as the options of a command say that has `training_options`.

    Only a `share` of its training tasks is used; `output` takes the place of the option.
    """
    from dataclasses import replace

    from alabtrain.console import progress as live
    from alabtrain.console.options import selection_from, spark_from, split_from
    from alabtrain.trainers.corpus import CorpusChoice
    from alabtrain.trainers.factory import make_trainers
    from alabtrain.workflows.train import train

    values, sources = ctx.params, parameter_sources(ctx)
    opened = open_given(path, values)
    given = {name: values[name] for name in TRAINER_PARAMETERS if values[name] is not None}
    asked = [name for name in given if sources[name] == FLAG]
    if values["lang"] is not None:
        given["ocr_lang"] = values["lang"]
    base = _base_model(values, values["output"])
    trainers = make_trainers(
        opened.config, values["types"], given, choices=values["choices"], asked=asked, script=values["script"],
        edition=values["edition"], base=base,
    )  # fmt: skip
    embeddings = values["embeddings"] or (base.embeddings if base else None)
    folder = output or values["output"]
    with live.listener() as sink:
        return train(
            project=opened,
            trainers=trainers,
            corpus=CorpusChoice(embeddings, values["lang"], values["embeddings_cache"]),
            selection=selection_from(values),
            split=replace(split_from(values), used=share),
            spark=spark_from(values),
            output=folder,
            model_name=values["model_name"],
            with_deploy=deploy,
            store=values["models"],
            origin=origin,
            strict=values["strict"],
            show_text=values["show_text"],
            parameters=_record({**values, "project": path, "output": folder}, sources, trainers, share),
            sink=sink,
        )


class Counted(NamedTuple):
    """How many tasks train (or choose the epoch), and how many give the scores."""

    training: int
    scored: int


def count_tasks(ctx: click.Context, path: Path, share: float) -> Counted:
    """Return how many tasks with a chosen completion a share of the training tasks holds."""
    from dataclasses import replace

    from alabtrain.console.options import selection_from, split_from
    from alabtrain.trainers.jobs import make_job

    values = ctx.params
    split = replace(split_from(values), used=share)
    job = make_job(open_given(path, values), selection=selection_from(values), split=split, strict=values["strict"])
    chosen = [decision for decision in job.selection.decisions if decision.completion_id is not None]
    parts = [job.split.part(d.task_id, d.tags) for d in chosen if job.split.keeps(d.task_id, d.tags)]
    return Counted(len(parts) - parts.count("test"), parts.count("test") or parts.count("validation"))


def _base_model(values: dict[str, Any], runs: Path) -> BaseModel | None:
    from alabtrain.store.base_models import find_base
    from alabtrain.store.store import is_remote, open_store

    if values["base_model"] is None:
        return None
    # A remote store is reached by a session, and none is there yet.
    store = None if is_remote(values["models"] or "") else open_store(values["models"])
    base = find_base(values["base_model"], runs, store, new_labels=values["new_labels"])
    if values["embeddings"] is not None:
        base.require_embeddings(values["embeddings"])
    return base


def _record(
    values: dict[str, Any], sources: dict[str, str], trainers: Sequence[Trainer], share: float
) -> dict[str, dict[str, Any]]:
    """Return each parameter with its value and where that came from, for the run's record.

    What is left to the types' defaults is told per type: `epochs` where one type is trained, else `ner.epochs`.
    """
    from alabtrain.workflows.train import trainer_parameters

    common = {name: source for name, source in sources.items() if name not in TRAINER_PARAMETERS}
    record = record_of(values, common)
    if share < 1:
        record["share"] = {"value": share, "from": "curve"}
    for name, value in trainer_parameters(trainers).items():
        option = name.rpartition(".")[2]
        record[name] = {"value": value, "from": sources.get("lang" if option == "ocr_lang" else option, "default")}
    return record


def _render(result: TrainResult, *, as_json: bool, show_text: bool) -> None:
    from alabtrain.console import render, terminal

    if as_json:
        terminal.print_json(result.to_dict())
    else:
        render.training(result)
    if show_text:
        render.mistakes(result.mistakes)
