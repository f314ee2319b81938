"""`alabtrain agreement`: the agreement of the annotators, and the effect of their priority."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.settings import find_project
from alabtrain.inspect.agreement.options import AgreementOptions
from alabtrain.project.options import ProjectOptions
from alabtrain.selection.options import SelectionOptions

if TYPE_CHECKING:
    from alabtrain.inspect.agreement import AgreementReport
    from alabtrain.inspect.agreement.classes import ClassAgreement, ClassPair
    from alabtrain.inspect.agreement.priority import Change, PriorityReport
    from alabtrain.inspect.agreement.spans import SpanAgreement, SpanPair, SpanScore

SHOWN_PAIRS = 25
SHOWN_LABELS = 25
SHOWN_EXAMPLES = 3
_NONE = "-"
AnyPair = TypeVar("AnyPair", "SpanPair", "ClassPair")


@as_command
def command(
    project: ProjectArgument = None,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    selection: SelectionOptions,
    compared: AgreementOptions,
) -> None:
    """Measure how far annotators agree, and what their order decides.

    For each annotator and task, one completion is compared: the one that the selection would choose from this
    annotator's completions only. Spans: F1 with label and both offsets. Statuses and choices: Cohen's kappa and
    Krippendorff's alpha. Priority: how many tasks would yield another completion if an annotator came first, or last,
    in the order.
    """
    from alabtrain.console import terminal
    from alabtrain.inspect.agreement import agreement

    opened = open_given(find_project(project), files)
    report = agreement(opened, selection, types=compared.types)
    if as_json:
        terminal.print_json(report.to_dict())
    else:
        _show(report, opened.name)


def _show(report: AgreementReport, name: str) -> None:
    from alabtrain.console import terminal
    from alabtrain.core.numbers import counted

    stage = report.completions
    names = f" ({', '.join(report.annotators)})" if report.annotators else ""
    terminal.say(
        f"{name}: {counted(len(report.annotators), 'annotator')}{names}; "
        f"{report.shared:,} of {counted(report.tasks, 'task')} annotated by several"
    )
    lost = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in stage.lost.items())
    left = f"; left out: {lost}" if lost else ""
    terminal.say(f"{counted(stage.entered, 'completion')}, of which {stage.left:,} count{left}")
    if report.why:
        terminal.say(report.why, style="bold")
    if len(report.annotators) > 1:
        if report.spans:
            _show_spans(report.spans)
        if report.statuses:
            _show_classes("Statuses of spans that both marked", report.statuses)
        for group, classes in report.choices.items():
            _show_classes(f"Choices of {group} ({classes.mode})", classes)
        _show_priority(report.priority)
    terminal.print_findings(report.findings)


def _show_spans(spans: SpanAgreement) -> None:
    from alabtrain.console import terminal
    from alabtrain.inspect.agreement.spans import NO_KAPPA

    def cells(score: SpanScore) -> tuple[object, ...]:
        return score.same, _number(score.f1), _number(score.overlap_f1)

    columns = ("annotators", "tasks", "spans", "same", "F1", "F1 of overlaps")
    rows: list[tuple[object, ...]] = [
        (_named(pair), pair.tasks, " and ".join(f"{count:,}" for count in pair.micro.spans), *cells(pair.micro))
        for pair in _first(spans.pairs, "tasks")
    ]
    if len(spans.pairs) > 1:
        tasks = sum(pair.tasks for pair in spans.pairs)
        rows.append(("all pairs", tasks, f"{sum(spans.overall.spans):,}", *cells(spans.overall)))
    terminal.print_table("Spans", columns, rows)
    _say_more(len(spans.pairs), SHOWN_PAIRS, "pairs")
    _say_why("F1", spans.pairs)
    if len(spans.labels) > 1:
        most = sorted(spans.labels.items(), key=lambda item: (-sum(item[1].spans), item[0]))
        labels = [(label, sum(score.spans), *cells(score)) for label, score in most[:SHOWN_LABELS]]
        terminal.print_table("Spans by label, all pairs", ("label", *columns[2:]), labels)
        _say_more(len(most), SHOWN_LABELS, "labels")
    terminal.say(f"There is no kappa for spans: {NO_KAPPA}.")


def _show_classes(title: str, classes: ClassAgreement) -> None:
    from alabtrain.console import terminal

    several = classes.mode == "multiple"
    columns = ("annotators", classes.unit, "same", "mean kappa" if several else "kappa", "judged by one only")
    rows = [
        (_named(pair), pair.n, _number(pair.agreement), _number(pair.kappa), pair.only_one)
        for pair in _first(classes.pairs, "n")
    ]
    terminal.print_table(title, columns, rows)
    _say_more(len(classes.pairs), SHOWN_PAIRS, "pairs")
    _say_why("kappa", classes.pairs)
    if several and classes.choices:
        most = list(classes.choices.items())
        choices = [(name, _number(c.agreement), _number(c.coefficient)) for name, c in most[:SHOWN_LABELS]]
        terminal.print_table(f"{title}, each as yes or no", ("choice", "same", "alpha"), choices)
        _say_more(len(most), SHOWN_LABELS, "choices")
    terminal.say(_alpha(classes))


def _alpha(classes: ClassAgreement) -> str:
    if classes.alpha is None:
        return f"There is no Krippendorff's alpha: {classes.why}."
    mean = f", the mean of {classes.averaged} choices" if classes.averaged else ""
    return (
        f"Krippendorff's alpha of all annotators: {classes.alpha:.3f}{mean} "
        f"({classes.n:,} {classes.unit} judged by several)"
    )


def _show_priority(priority: PriorityReport) -> None:
    from alabtrain.console import terminal

    names = f" ({', '.join(priority.order_used)})" if priority.order_used else ""
    rules = ", ".join(f"{count:,} {rule}" for rule, count in priority.rules.items())
    columns = ("annotator", "tasks", "shared", "taken now", "if first", "other content", "if last", "other content")
    rows = [
        (effect.annotator, effect.tasks, effect.shared, effect.taken, *_change(effect.first), *_change(effect.last))
        for effect in priority.effects
    ]
    terminal.print_table("Priority: tasks that would yield another completion", columns, rows)
    terminal.say(f"Current order: {priority.order_from}{names}. Shared tasks by the deciding rule: {rules or 'none'}.")
    if priority.why:
        terminal.say(f"No effect: {priority.why}.")


def _change(change: Change | None) -> tuple[object, object]:
    if change is None:
        return _NONE, _NONE
    return change.tasks, _NONE if change.differing is None else change.differing


def _first(pairs: Sequence[AnyPair], count: str) -> list[AnyPair]:
    """Return the pairs to show, those with the largest `count` first."""
    return sorted(pairs, key=lambda pair: (-getattr(pair, count), pair.annotators))[:SHOWN_PAIRS]


def _say_more(count: int, shown: int, what: str) -> None:
    from alabtrain.console import terminal

    if count > shown:
        terminal.say(f"… and {count - shown:,} more {what} (--json has all)", style="dim")


def _say_why(number: str, pairs: Sequence[SpanPair | ClassPair]) -> None:
    """Print why pairs have no number: each reason once, with some of the pairs."""
    from alabtrain.console import terminal

    for why in dict.fromkeys(pair.why for pair in pairs if pair.why):
        without = [_named(pair) for pair in pairs if pair.why == why]
        more = f" and {len(without) - SHOWN_EXAMPLES:,} more pairs" if len(without) > SHOWN_EXAMPLES else ""
        terminal.say(f"No {number} for {'; '.join(without[:SHOWN_EXAMPLES])}{more}: {why}.")


def _named(pair: SpanPair | ClassPair) -> str:
    return ", ".join(pair.annotators)


def _number(value: float | None) -> object:
    return _NONE if value is None else value
