"""The report of a run: one page of HTML that needs nothing else, no script, no network, no font."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.runs import words
from alabtrain.runs.card import rare_labels, render_card
from alabtrain.runs.charts import LineChart, line_chart
from alabtrain.runs.facts import RunFacts, as_done, read_facts

if TYPE_CHECKING:
    from alabtrain.run import Run
    from alabtrain.trainers.base import Mistake


_SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of the confusion matrix: `share` of its row (0 to 1), and whether it is on the diagonal."""

    count: int
    share: float
    right: bool


@dataclass(frozen=True, slots=True)
class Wrong:
    """A sentence that the model got wrong, and the entities by label and token numbers (from 1)."""

    task_id: str
    text: str
    expected: str
    predicted: str


def write_pages(run: Run, *, mistakes: Sequence[Mistake] = ()) -> None:
    """Write the model card and the report into a run that is about to be finished.

    `mistakes` put text of documents into the report: only where the user asked for it.
    """
    facts = as_done(read_facts(run.path(""), mistakes=mistakes))
    run.write_text("README.md", render_card(facts))
    run.write_text("report.html", render_report(facts))


def render_report(facts: RunFacts) -> str:
    """Return the report as a page of HTML; the only text of documents in it is that of `facts.mistakes`."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("alabtrain.runs"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = "{:,}".format
    environment.filters["score"] = "{:.3f}".format
    environment.filters["percent"] = _percent
    template = environment.get_template("report.html.j2")
    return template.render(facts=facts, info=facts.info, words=words, **_parts(facts)) + "\n"


def _parts(facts: RunFacts) -> dict[str, Any]:
    info, scores = facts.info, facts.scores
    loss, f1 = _curves(facts)
    return {
        "project": Path(info.project).name if info.project else "",
        "scores": scores,
        "entity": scores.get("entity", scores) if scores else None,
        "confusion": _confusion((scores or {}).get("confusion", {})),
        "loss": loss,
        "f1": f1,
        "findings": sorted(facts.findings, key=lambda finding: _SEVERITIES.index(finding.severity)),
        "rare": dict(rare_labels(facts)),
        "wrong": [_wrong(mistake) for mistake in facts.mistakes],
        "parameters": [
            (name, _shown(entry.get("value")), str(entry.get("from", ""))) for name, entry in info.parameters.items()
        ],
    }


def _curves(facts: RunFacts) -> tuple[LineChart | None, LineChart | None]:
    xs = [int(epoch.get("epoch", number)) for number, epoch in enumerate(facts.epochs, 1)]
    losses = [epoch.get("loss") for epoch in facts.epochs]
    f1s = [epoch.get("f1") for epoch in facts.epochs]
    best = facts.best_epoch
    mark = next((i for i, epoch in enumerate(facts.epochs) if epoch is best), None)
    return line_chart(xs, losses, from_zero=True), line_chart(xs, f1s, from_zero=False, mark=mark)


def _confusion(matrix: Mapping[str, Mapping[str, int]]) -> dict[str, list[Cell]]:
    rows = {}
    for gold, counts in matrix.items():
        total = sum(counts.values())
        rows[gold] = [
            Cell(count, count / total if total else 0.0, gold == predicted) for predicted, count in counts.items()
        ]
    return rows


def _wrong(mistake: Mistake) -> Wrong:
    from alabtrain.metrics import entities

    expected, predicted = (
        ", ".join(f"{e.label} {e.start + 1}" + (f"-{e.end}" if e.end > e.start + 1 else "") for e in entities(tags))
        for tags in (mistake.expected, mistake.predicted)
    )
    return Wrong(mistake.task_id, mistake.text, expected or "nothing", predicted or "nothing")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _percent(part: float, whole: float) -> str:
    """Return a share in per cent that says 100 or 0 only where it is so."""
    if not whole:
        return "0\u00a0%"
    share = 100 * part / whole
    if part in (0, whole):
        return f"{share:.0f}\u00a0%"
    return f"{min(max(share, 0.1), 99.9):.1f}\u00a0%"
