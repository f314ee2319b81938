"""Draw what a training gave back: the tables that one reads before anything else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.console import terminal
from alabtrain.runs import words

if TYPE_CHECKING:
    from alabtrain.accounting import Funnel
    from alabtrain.trainers.base import Mistake
    from alabtrain.training import TrainResult

MOST_CONFUSION_COLUMNS = 11  # more do not fit a terminal; the report has them all
SCORE_COLUMNS = ("label", "precision", "recall", "F1", "support")


def training(result: TrainResult) -> None:
    """Draw the funnel, the findings, the scores per label and the run's path on stdout."""
    funnel(result.funnel)
    terminal.print_findings([f for f in result.findings if f.severity != "info"])
    for kind, metrics in result.metrics.items():
        spans(kind, metrics)
    terminal.say("")
    for model in result.models:
        terminal.say(f"model  {model['name']}\n       {model['path']}")
    terminal.say(f"run    {result.run}")
    if result.config_diff:
        terminal.say(f"config {result.run / Path('config.xml')}")


def funnel(account: Funnel) -> None:
    """Draw what entered each stage, what was lost there and why."""
    rows = [
        (stage.name, stage.unit, stage.entered, stage.entered - stage.left, stage.left, _reasons(stage.lost))
        for stage in account
    ]
    terminal.print_table("What became training data", ("stage", "unit", "in", "lost", "out", "why lost"), rows)


def spans(kind: str, metrics: dict[str, Any]) -> None:
    """Draw span scores: exact per label, then partial and per tag."""
    if not metrics.get("split"):
        terminal.say("\nNo scores: no task is tagged Test, and nothing was held back for validation.")
        return
    entity = metrics["entity"]
    rows = [(label, *_numbers(scores)) for label, scores in sorted(entity["labels"].items())]
    rows += [("micro average", *_numbers(entity["micro"])), ("macro average", *_numbers(entity["macro"]))]
    terminal.print_table(
        f"{words.SHORT_TYPES.get(kind, kind)} on the {metrics['split']} part, exact spans ({metrics['scheme']})",
        SCORE_COLUMNS,
        rows,
    )
    others = [
        (name, *_numbers(metrics[key]["micro"]))
        for name, key in (("partial spans", "partial"), ("tags, as Spark NLP counts", "tag"))
    ]
    terminal.print_table("The same, counted otherwise", SCORE_COLUMNS, others)
    terminal.say(metrics["why_they_differ"], style="dim")
    _confusion(metrics.get("confusion", {}))
    if metrics.get("unscored"):
        terminal.say(
            f"{metrics['unscored']} annotated spans fit no tags and are in none of these numbers.", style="dim"
        )


def _confusion(confusion: dict[str, dict[str, int]]) -> None:
    """Draw what was said (rows) against what was found (columns), where there is more than one label."""
    columns = list(dict.fromkeys(found for row in confusion.values() for found in row))
    if 2 < len(columns) <= MOST_CONFUSION_COLUMNS:
        rows = [(said, *(row.get(found, 0) for found in columns)) for said, row in confusion.items()]
        terminal.print_table("Said (rows) and found (columns)", ("", *columns), rows)


def mistakes(worst: Iterable[Mistake]) -> None:
    """Draw the most wrong sentences, on stderr: they are text of documents, and no data to pipe."""
    console = terminal.stderr()
    for mistake in worst:
        console.print(terminal.plain(f"\ntask {mistake.task_id}"), style="bold", markup=False)
        console.print(terminal.plain(mistake.text), markup=False)
        for name, tags in (("expected ", mistake.expected), ("predicted", mistake.predicted)):
            console.print(terminal.plain(f"  {name} {' '.join(tags)}"), style="dim", markup=False)


def _numbers(scores: dict[str, Any]) -> tuple[float, float, float, int]:
    return scores["precision"], scores["recall"], scores["f1"], scores["support"]


def _reasons(lost: Any) -> str:
    return "\n".join(
        f"{count:,} {words.short_loss(reason)}" for reason, count in sorted(lost.items(), key=lambda item: -item[1])
    )
