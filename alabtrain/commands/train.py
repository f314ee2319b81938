"""`alabtrain train`: train models on a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alabtrain.console.options import (
    FILE,
    combine,
    json_option,
    option,
    project_options,
    selection_options,
    spark_options,
    split_options,
)
from alabtrain.console.settings import find_project, parameter_sources
from alabtrain.embeddings.registry import DEFAULT

if TYPE_CHECKING:
    from alabtrain.training import TrainResult

TRAINED_TYPES = ("ner",)
LATER_TYPES = ("assertion", "classification", "visual_ner")


class TrainedType(click.Choice[str]):
    """A type of model that this version trains; of the other known ones it says that it does not yet."""

    def __init__(self) -> None:
        super().__init__(TRAINED_TYPES)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the type."""
        if value in LATER_TYPES:
            self.fail(f"{value} is not trained by this version yet; it trains {', '.join(TRAINED_TYPES)}.", param, ctx)
        return super().convert(value, param, ctx)


ner_options = combine(
    option("--embeddings", default=DEFAULT, help="Token embeddings; see `alabtrain embeddings`. Stack with +."),
    option("--epochs", type=click.IntRange(1, 1000), default=12, help="How often the training part is read."),
    option("--learning-rate", type=click.FloatRange(0, 1, min_open=True), default=0.001, help="Of the first epoch."),
    option("--decay", type=click.FloatRange(0, 100), default=0.05, help="Epoch e divides the rate by 1 + DECAY * e."),
    option("--dropout", type=click.FloatRange(0, 1, max_open=True), default=0.5,
           help="Share of units left out in training."),
    option("--batch-size", type=click.IntRange(1, 1024), default=16, help="Sentences per step."),
    option("--best-model/--last-model", default=True, help="Keep the epoch with the best validation F1, or the last."),
    option("--lang", default="en", help="Language code, for pretrained names."),
    option("--embeddings-cache/--no-embeddings-cache", default=True,
           help="Keep vectors (no text) for the next training."),
)  # fmt: skip
NER_PARAMETERS = (
    "embeddings", "epochs", "learning_rate", "decay", "dropout", "batch_size", "best_model", "lang", "embeddings_cache",
)  # fmt: skip

run_options = combine(
    option("--type", "types", multiple=True, type=TrainedType(), envvar="ALABTRAIN_TYPE",
           help="What to train.  [default: what the labeling config allows]"),
    option("-o", "--output", type=FILE, default=Path("runs"), help="Where run folders go."),
    option("--model-name", help="Name of the model.  [default: ner_<project>_annotation_manual]"),
    option("--deploy", is_flag=True, help="Write the labeling config with the new model's name into the run."),
    option("--show-text", is_flag=True, help="Show the most wrong sentences. They are text of your documents."),
)  # fmt: skip


@click.command(name="train", short_help="Train models on the chosen completions of a project.")
@project_options
@run_options
@split_options
@ner_options
@selection_options
@spark_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    project: Path | None,
    config: Path | None,
    reviews: Path | None,
    task_tags: Path | None,
    types: tuple[str, ...],
    output: Path,
    model_name: str | None,
    deploy: bool,
    show_text: bool,
    as_json: bool,
    **others: Any,
) -> None:
    """Train models on the chosen completions of PROJECT.

    One completion per task is chosen (`alabtrain select` shows which); the run folder under --output holds the
    model, the scores, the log and the account of everything that was left out.
    """
    from alabtrain.console import live
    from alabtrain.console.options import selection_from, spark_from, split_from
    from alabtrain.project import open_project
    from alabtrain.trainers.factory import make_trainer
    from alabtrain.training import train

    record = _record(ctx)
    found = find_project(project)
    record["project"]["value"] = str(found)
    opened = open_project(found, config=config, reviews=reviews, task_tags=task_tags)
    trainer = make_trainer(opened.config, types, {name: others[name] for name in NER_PARAMETERS})
    with live.listener() as sink:
        result = train(
            project=opened,
            trainer=trainer,
            selection=selection_from(others),
            split=split_from(others),
            spark=spark_from(others),
            output=output,
            model_name=model_name,
            with_deploy=deploy,
            strict=others["strict"],
            show_text=show_text,
            parameters=record,
            sink=sink,
        )
    _render(result, as_json=as_json, show_text=show_text)


def _record(ctx: click.Context) -> dict[str, dict[str, Any]]:
    """Return each parameter with its value and where that came from, for the run's record."""
    return {
        name: {"value": _plain(ctx.params[name]), "from": source}
        for name, source in parameter_sources(ctx).items()
        if name in ctx.params
    }


def _render(result: TrainResult, *, as_json: bool, show_text: bool) -> None:
    from alabtrain.console import render, terminal

    if as_json:
        terminal.print_json(result.to_dict())
    else:
        render.training(result)
    if show_text:
        render.mistakes(result.mistakes)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value
