"""The report of a run: one self-contained page of HTML, without scripts, network or fonts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.findings import pluralize
from alabtrain.reports import words
from alabtrain.reports.card import RARE, render_card
from alabtrain.reports.charts import line_chart
from alabtrain.reports.facts import RunFacts, TypeFacts, as_done, read_facts
from alabtrain.runs.record import EVALUATION, PICTURES
from alabtrain.scoring.results import is_multilabel

if TYPE_CHECKING:
    from alabtrain.prediction.compare import Comparison
    from alabtrain.runs.record import RunInfo
    from alabtrain.runs.run import Run
    from alabtrain.scoring.results import Metrics
    from alabtrain.trainers.base import Mistake


_TAG = re.compile(r"O$|[BI]-")  # of a token; everything else is a class
MOST_ROWS = 40  # a larger matrix is not to be read
MOST_CONFUSED = 25
_IN_TABLE = "The numbers are in the table below."
_SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the confusion matrix: its count, `share` of its row (0 to 1), and whether it is on the diagonal."""

    count: int
    share: float
    right: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """A confusion matrix: a row of cells for each gold label, a column for each predicted label.

    `nothing` is the name of the row and the column for no label, if there is one.
    """

    columns: tuple[str, ...]
    rows: Mapping[str, Sequence[Cell]]
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class Confused:
    """A gold label, the label predicted instead, how often, and the share of all examples of the gold label."""

    gold: str
    predicted: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class TypeView:
    """The part of the page for one type: its facts, the confusion `matrix` and the curves (SVG), if there are any.

    `confused` replaces a matrix that is too large, the most frequent first; `counts` are those of each class if
    a text has any number of classes; `rare` are the labels with few scored examples; `parameters` (name, value,
    source) are only those of this type; `of_last` is whether its networks are from the last epoch, not the best.
    """

    facts: TypeFacts
    matrix: Matrix | None
    confused: Sequence[Confused]
    counts: Mapping[str, Mapping[str, int]]
    rare: Mapping[str, int]
    loss: str | None
    f1: str | None
    accuracy: str | None
    parameters: Sequence[tuple[str, str, str]] = ()
    of_last: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """A text with wrong predictions, and its classes, or its entities by label and token numbers (from 1)."""

    task_id: str
    text: str
    expected: str
    predicted: str


def write_pages(run: Run, *, mistakes: Sequence[Mistake] = (), pictures: Sequence[str] = ()) -> None:
    """Write the model card and the report into a run that is about to end.

    `mistakes` add text of documents to the report, and `pictures` (file names in the run's folder) show documents:
    both only if the user requested it.
    """
    facts = replace(as_done(read_facts(run.path(""), mistakes=mistakes)), pictures=pictures)
    run.write_text("README.md", render_card(facts))
    run.write_text("report.html", render_report(facts))


def write_evaluation(run: Run, scores: Mapping[str, Metrics], comparisons: Sequence[Comparison]) -> None:
    """Write the report of an evaluation that is about to end: `scores` of models by name."""
    facts = as_done(read_facts(run.path("")))
    types = [TypeFacts(name, scores=entry) for name, entry in scores.items()]
    facts = replace(facts, info=replace(facts.info, types=tuple(scores)), types=types)
    run.write_text("report.html", render_report(facts, comparisons))


def render_report(facts: RunFacts, comparisons: Sequence[Comparison] = ()) -> str:
    """Return the report as a page of HTML; its only text of documents is that of `facts.mistakes`."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("alabtrain.reports"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = "{:,}".format
    environment.filters["score"] = "{:.3f}".format
    environment.filters["percent"] = _percent
    environment.filters["loss"] = partial(words.number_of_loss, digits=2)
    template = environment.get_template("report.html.j2")
    return (
        template.render(facts=facts, info=facts.info, words=words, pluralize=pluralize, **_parts(facts, comparisons))
        + "\n"
    )


def _parts(facts: RunFacts, comparisons: Sequence[Comparison]) -> dict[str, object]:
    info = facts.info
    shown = {type_facts.type for type_facts in facts.trained} if info.is_mixed else set()
    return {
        "evaluation": info.type == EVALUATION,
        "comparisons": comparisons,
        # With several types, a section's heading is below that of its type.
        "h": 3 if info.is_mixed else 2,
        "project": Path(info.project).name if info.project else "",
        "views": [_view(type_facts, info) for type_facts in facts.trained],
        "findings": sorted(facts.findings, key=lambda finding: _SEVERITIES.index(finding.severity)),
        "pictures": [f"{PICTURES}/{name}" for name in facts.pictures],
        "wrong": [_wrong(mistake) for mistake in facts.mistakes],
        "parameters": [row for row in _parameters(info) if row[0].partition(".")[0] not in shown],
    }


def _parameters(info: RunInfo, prefix: str = "") -> list[tuple[str, str, str]]:
    """Return the parameters whose names begin with `prefix`, without it: name, value, source."""
    return [
        (name.removeprefix(prefix), _shown(entry.get("value")), str(entry.get("from", "")))
        for name, entry in info.parameters.items()
        if name.startswith(prefix)
    ]


def _view(facts: TypeFacts, info: RunInfo) -> TypeView:
    xs = [int(_number(epoch.get("epoch")) or number) for number, epoch in enumerate(facts.epochs, 1)]
    losses, f1s, accuracies = (
        [_number(epoch.get(key)) for epoch in facts.epochs] for key in ("loss", "f1", "accuracy")
    )
    best = facts.best_epoch
    mark = next((i for i, epoch in enumerate(facts.epochs) if epoch is best), None)
    confusion = facts.confusion
    per_class = facts.scores is not None and is_multilabel(facts.scores)
    large = not per_class and len(confusion) > MOST_ROWS
    return TypeView(
        facts,
        matrix=None if per_class or large else _matrix(confusion, of_spans=not facts.is_classes),
        confused=_most_confused(confusion) if large else (),
        counts=confusion if per_class else {},
        rare=facts.rare(RARE),
        loss=line_chart(xs, losses, from_zero=True, title="Training loss per epoch", desc=_IN_TABLE),
        f1=line_chart(xs, f1s, from_zero=False, mark=mark, title="Validation F1 per epoch", desc=_IN_TABLE),
        accuracy=line_chart(xs, accuracies, from_zero=False, title="Training accuracy per epoch", desc=_IN_TABLE),
        parameters=_parameters(info, f"{facts.type}."),
        of_last=not info.parameter_of(facts.type, "best_model"),
    )


def _most_confused(confusion: Mapping[str, Mapping[str, int]]) -> list[Confused]:
    found = [
        Confused(gold, predicted, count, count / sum(counts.values()))
        for gold, counts in confusion.items()
        for predicted, count in counts.items()
        if count and predicted != gold
    ]
    return sorted(found, key=lambda pair: (-pair.count, pair.gold, pair.predicted))[:MOST_CONFUSED]


def _matrix(confusion: Mapping[str, Mapping[str, int]], *, of_spans: bool) -> Matrix | None:
    columns = tuple(dict.fromkeys([*confusion, *(found for counts in confusion.values() for found in counts)]))
    if not columns:
        return None
    rows = {}
    for gold, counts in confusion.items():
        total = sum(counts.values())
        row = [(name, counts.get(name, 0)) for name in columns]
        rows[gold] = [Cell(count, count / total if total else 0.0, gold == name) for name, count in row]
    # For spans the last row and column mean no span; for classes a column without a row means no prediction.
    nothing = columns[-1] if of_spans or columns[-1] not in confusion else ""
    return Matrix(columns, rows, nothing)


def _wrong(mistake: Mistake) -> Wrong:
    are_tags = all(_TAG.match(tag) for tag in (*mistake.expected, *mistake.predicted))
    join = _entities if are_tags and len(mistake.expected) == len(mistake.predicted) else ", ".join
    expected, predicted = (join(gold) or "nothing" for gold in (mistake.expected, mistake.predicted))
    return Wrong(mistake.task_id, mistake.text, expected, predicted)


def _entities(tags: Sequence[str]) -> str:
    from alabtrain.scoring.metrics import entities

    return ", ".join(f"{e.label} {e.start + 1}" + (f"-{e.end}" if e.end > e.start + 1 else "") for e in entities(tags))


def _number(value: object) -> float | None:
    return value if isinstance(value, (int, float)) else None


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _percent(part: float, whole: float) -> str:
    """Return a share in per cent; 100 or 0 only if that is exact."""
    if not whole:
        return "0\u00a0%"
    share = 100 * part / whole
    if part in (0, whole):
        return f"{share:.0f}\u00a0%"
    return f"{min(max(share, 0.1), 99.9):.1f}\u00a0%"
