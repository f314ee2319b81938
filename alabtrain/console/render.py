"""Draw the results of a training or an evaluation as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.console import terminal
from alabtrain.core.findings import Finding, pluralize
from alabtrain.reports import words
from alabtrain.runs.record import PIPELINE
from alabtrain.trainers.registry import title_of

if TYPE_CHECKING:
    from alabtrain.core.funnel import Funnel
    from alabtrain.prediction.compare import Comparison
    from alabtrain.runs.shapes import NotTrained
    from alabtrain.scoring.results import Averages, ClassMetrics, Metrics, MultilabelMetrics, Score, SpanMetrics
    from alabtrain.trainers.base import Mistake
    from alabtrain.workflows.train_steps import TrainResult

SHOWN_INFOS = ("choices_taken", "language")  # codes of the infos that are shown after a training
MOST_CONFUSION_COLUMNS = 11  # more do not fit a terminal; the report has them all
MOST_NAMES = 12
SCORE_COLUMNS = ("label", "precision", "recall", "F1", "support")


def training(result: TrainResult) -> None:
    """Draw the funnel, the findings, the scores of each type and the run's path on stdout."""
    funnel(result.funnel)
    terminal.print_findings([f for f in result.findings if f.severity != "info" or f.code in SHOWN_INFOS])
    for model_type, metrics in result.metrics.items():
        scores(model_type, metrics)
    unscored = [model_type for model_type, metrics in result.metrics.items() if not metrics["split"]]
    if unscored:
        of = f" of {', '.join(unscored)}" if len(result.metrics) > 1 else ""
        terminal.say(f"\nNo scores{of}: no task is tagged Test, and no tasks were held back for validation.")
    terminal.print_findings([_untrained(entry) for entry in result.not_trained])
    terminal.say("")
    for model in result.models:
        terminal.say(f"model  {model['name']}\n       {model['path']}")
    if (result.run / PIPELINE).is_dir():
        terminal.say(f"all    {result.run / PIPELINE}")
    terminal.say(f"run    {result.run}")
    if result.config_diff:
        terminal.say(f"config {result.run / Path('config.xml')}")


def scores(model_type: str, metrics: Metrics) -> None:
    """Draw the scores of one model type, those of spans or of classes, if there are any."""
    if "entity" in metrics:
        spans(model_type, metrics)
    elif "mode" in metrics:
        classes(model_type, metrics)


def comparison(found: Comparison) -> None:
    """Draw the differences of two models on the same texts."""
    rows = [
        (d.measure, d.first, d.second, f"{d.difference:+.3f}", f"{d.low:+.3f} to {d.high:+.3f}", f"{d.p:.4f}")
        for d in found.differences
    ]
    title = f"{title_of(found.type, short=True)}: A is {found.first}, B is {found.second}"
    terminal.print_table(title, ("measure", "A", "B", "B - A", "95 % of the differences", "p"), rows)
    for sentence in found.sentences:
        terminal.say(sentence, style="bold")


def _untrained(entry: NotTrained) -> Finding:
    message = f"{entry['type']} was not trained: {entry['message']}"
    return Finding(entry["code"], "warning", message, hint=entry["hint"] or "")


def funnel(account: Funnel) -> None:
    """Draw the stages of a funnel: how many entered, how many were lost, and why."""
    rows = [
        (stage.name, stage.unit, stage.entered, stage.entered - stage.left, stage.left, _reasons(stage.lost))
        for stage in account
    ]
    terminal.print_table("Data flow", ("stage", "unit", "in", "lost", "out", "why lost"), rows)


def spans(model_type: str, metrics: SpanMetrics) -> None:
    """Draw span scores: exact per label, then partial and per tag."""
    name = title_of(model_type, short=True)
    terminal.print_table(
        f"{name} on the {metrics['split']} part, exact spans ({metrics['scheme']})",
        SCORE_COLUMNS,
        _score_rows(metrics["entity"], sorted(metrics["entity"]["labels"])),
    )
    others = [
        ("partial spans", *_numbers(metrics["partial"]["micro"])),
        ("tags, as Spark NLP counts", *_numbers(metrics["tag"]["micro"])),
    ]
    if "regions" in metrics:
        others.append(("regions: label and words", *_numbers(metrics["regions"]["micro"])))
    terminal.print_table("The same predictions, counted differently", SCORE_COLUMNS, others)
    terminal.say(metrics["why_they_differ"], style="dim")
    # With a single label and "none", the matrix would only repeat the scores.
    _confusion(metrics["confusion"], fewest=3)
    if metrics.get("unscored"):
        terminal.say(
            f"{metrics['unscored']} gold spans cannot be tagged and are in none of these numbers.", style="dim"
        )


def classes(model_type: str, metrics: ClassMetrics | MultilabelMetrics) -> None:
    """Draw class scores: overall scores in the title, then per class; a confusion matrix for single choice."""
    overall = f"accuracy {metrics['accuracy']:.3f}"
    if metrics["mode"] == "multiple":
        overall = (
            f"{_threshold(metrics['threshold'])}all classes right {metrics['subset_accuracy']:.3f}, "
            f"Hamming loss {metrics['hamming_loss']:.4f}"
        )
    title = f"{title_of(model_type, short=True)} on the {metrics['split']} part: {overall}"
    terminal.print_table(title, ("class", *SCORE_COLUMNS[1:]), _score_rows(metrics, metrics["labels"]))
    if metrics["mode"] == "single":
        _confusion(metrics["confusion"], fewest=2)
    never = metrics["never_right"]
    if never:
        names = ", ".join(never[:MOST_NAMES]) + (f" and {len(never) - MOST_NAMES} more" if never[MOST_NAMES:] else "")
        message = pluralize("the model was never right on {count} [class|classes]", len(never))
        terminal.say(f"{message}: {names}", style="bold red")


def _threshold(threshold: float | None) -> str:
    return "" if threshold is None else f"threshold {threshold:g}, "


def _confusion(confusion: Mapping[str, Mapping[str, int]], *, fewest: int) -> None:
    """Draw the gold (rows) and predicted (columns) labels, if they are at least `fewest` and fit a terminal."""
    columns = list(dict.fromkeys([*confusion, *(predicted for row in confusion.values() for predicted in row)]))
    if fewest <= len(columns) <= MOST_CONFUSION_COLUMNS:
        rows = [(gold, *(row.get(predicted, 0) for predicted in columns)) for gold, row in confusion.items()]
        terminal.print_table("Gold (rows) and predicted (columns)", ("", *columns), rows)


def mistakes(worst: Iterable[Mistake]) -> None:
    """Draw the sentences with the most errors on stderr, as they are text of documents and no data to pipe."""
    console = terminal.stderr()
    for mistake in worst:
        console.print(terminal.plain(f"\ntask {mistake.task_id}"), style="bold", markup=False)
        console.print(terminal.plain(mistake.text), markup=False)
        for name, tags in (("expected ", mistake.expected), ("predicted", mistake.predicted)):
            console.print(terminal.plain(f"  {name} {' '.join(tags)}"), style="dim", markup=False)


def _score_rows(averages: Averages, order: Iterable[str]) -> list[tuple[object, ...]]:
    labels = averages["labels"]
    rows: list[tuple[object, ...]] = [(label, *_numbers(labels[label])) for label in order]
    rows.append(("micro average", *_numbers(averages["micro"])))
    return [*rows, ("macro average", *_numbers(averages["macro"]))]


def _numbers(scores: Score) -> tuple[float, float, float, int]:
    return scores["precision"], scores["recall"], scores["f1"], scores["support"]


def _reasons(lost: Mapping[str, int]) -> str:
    return "\n".join(
        f"{count:,} {words.short_loss(reason)}" for reason, count in sorted(lost.items(), key=lambda item: -item[1])
    )
