"""Draw what a training gave back: the tables that one reads before anything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.console import terminal
from alabtrain.core.findings import Finding, pluralize
from alabtrain.reports import words
from alabtrain.runs.record import PIPELINE

if TYPE_CHECKING:
    from alabtrain.core.funnel import Funnel
    from alabtrain.prediction.compare import Comparison
    from alabtrain.trainers.base import Mistake
    from alabtrain.workflows.train_steps import TrainResult

TOLD = ("choices_taken", "language")  # infos that a user has to see after a training
MOST_CONFUSION_COLUMNS = 11  # more do not fit a terminal; the report has them all
MOST_NAMES = 12
SCORE_COLUMNS = ("label", "precision", "recall", "F1", "support")


def training(result: TrainResult) -> None:
    """Draw the funnel, the findings, the scores of each type and the run's path on stdout."""
    funnel(result.funnel)
    terminal.print_findings([f for f in result.findings if f.severity != "info" or f.code in TOLD])
    for kind, metrics in result.metrics.items():
        scores(kind, metrics)
    unscored = [kind for kind, metrics in result.metrics.items() if not metrics.get("split")]
    if unscored:
        of = f" of {', '.join(unscored)}" if len(result.metrics) > 1 else ""
        terminal.say(f"\nNo scores{of}: no task is tagged Test, and nothing was held back for validation.")
    terminal.print_findings([_untrained(entry) for entry in result.not_trained])
    terminal.say("")
    for model in result.models:
        terminal.say(f"model  {model['name']}\n       {model['path']}")
    if (result.run / PIPELINE).is_dir():
        terminal.say(f"all    {result.run / PIPELINE}")
    terminal.say(f"run    {result.run}")
    if result.config_diff:
        terminal.say(f"config {result.run / Path('config.xml')}")


def scores(kind: str, metrics: Mapping[str, Any]) -> None:
    """Draw the scores of one type, those of spans or of classes; nothing where nothing was scored."""
    if metrics.get("split"):
        (spans if "entity" in metrics else classes)(kind, metrics)


def comparison(found: Comparison) -> None:
    """Draw how two models differ on the same texts."""
    rows = [
        (d.measure, d.first, d.second, f"{d.difference:+.3f}", f"{d.low:+.3f} to {d.high:+.3f}", f"{d.p:.4f}")
        for d in found.differences
    ]
    title = f"{words.SHORT_TYPES.get(found.type, found.type)}: A is {found.first}, B is {found.second}"
    terminal.print_table(title, ("measure", "A", "B", "B - A", "95 % of the differences", "p"), rows)
    for sentence in found.sentences:
        terminal.say(sentence, style="bold")


def _untrained(entry: Mapping[str, Any]) -> Finding:
    message = f"{entry['type']} was not trained: {entry['message']}"
    return Finding(str(entry["code"]), "warning", message, hint=str(entry.get("hint") or ""))


def funnel(account: Funnel) -> None:
    """Draw what entered each stage, what was lost there and why."""
    rows = [
        (stage.name, stage.unit, stage.entered, stage.entered - stage.left, stage.left, _reasons(stage.lost))
        for stage in account
    ]
    terminal.print_table("What became training data", ("stage", "unit", "in", "lost", "out", "why lost"), rows)


def spans(kind: str, metrics: Mapping[str, Any]) -> None:
    """Draw span scores: exact per label, then partial and per tag."""
    terminal.print_table(
        f"{words.SHORT_TYPES.get(kind, kind)} on the {metrics['split']} part, exact spans ({metrics['scheme']})",
        SCORE_COLUMNS,
        _score_rows(metrics["entity"], sorted(metrics["entity"]["labels"])),
    )
    others = [
        (name, *_numbers(metrics[key]["micro"]))
        for name, key in (("partial spans", "partial"), ("tags, as Spark NLP counts", "tag"))
    ]
    if "regions" in metrics:
        others.append(("regions: label and words", *_numbers(metrics["regions"]["micro"])))
    terminal.print_table("The same, counted otherwise", SCORE_COLUMNS, others)
    terminal.say(metrics["why_they_differ"], style="dim")
    # A single label beside what is none: the matrix would only repeat its scores.
    _confusion(metrics.get("confusion", {}), fewest=3)
    if metrics.get("unscored"):
        terminal.say(
            f"{metrics['unscored']} annotated spans fit no tags and are in none of these numbers.", style="dim"
        )


def classes(kind: str, metrics: Mapping[str, Any]) -> None:
    """Draw class scores: over all in the title, then per class; the confusion where a text has one class."""
    multiple = metrics.get("mode") == "multiple"
    told = f"accuracy {metrics['accuracy']:.3f}"
    if multiple:
        told = (
            f"{_threshold(metrics)}all classes right {metrics['subset_accuracy']:.3f}, "
            f"Hamming loss {metrics['hamming_loss']:.4f}"
        )
    title = f"{words.SHORT_TYPES.get(kind, kind)} on the {metrics['split']} part: {told}"
    terminal.print_table(title, ("class", *SCORE_COLUMNS[1:]), _score_rows(metrics, metrics["labels"]))
    if not multiple:
        _confusion(metrics.get("confusion", {}), fewest=2)
    never = [str(name) for name in metrics.get("never_right") or ()]
    if never:
        names = ", ".join(never[:MOST_NAMES]) + (f" and {len(never) - MOST_NAMES} more" if never[MOST_NAMES:] else "")
        told = pluralize("the model was never right on {count} [class|classes]", len(never))
        terminal.say(f"{told}: {names}", style="bold red")


def _threshold(metrics: Mapping[str, Any]) -> str:
    return "" if metrics["threshold"] is None else f"threshold {metrics['threshold']:g}, "


def _confusion(confusion: Mapping[str, Mapping[str, int]], *, fewest: int) -> None:
    """Draw what was said (rows) against what was found (columns), where that is neither too little nor too much."""
    columns = list(dict.fromkeys([*confusion, *(found for row in confusion.values() for found in row)]))
    if fewest <= len(columns) <= MOST_CONFUSION_COLUMNS:
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


def _score_rows(averages: Mapping[str, Any], order: Iterable[str]) -> list[tuple[object, ...]]:
    labels = averages["labels"]
    rows: list[tuple[object, ...]] = [(label, *_numbers(labels[label])) for label in order]
    return [*rows, *((f"{name} average", *_numbers(averages[name])) for name in ("micro", "macro"))]


def _numbers(scores: Mapping[str, Any]) -> tuple[float, float, float, int]:
    return scores["precision"], scores["recall"], scores["f1"], scores["support"]


def _reasons(lost: Any) -> str:
    return "\n".join(
        f"{count:,} {words.short_loss(reason)}" for reason, count in sorted(lost.items(), key=lambda item: -item[1])
    )
