"""Codes in words, for pages that people read."""

from __future__ import annotations

from collections.abc import Sequence

from alabtrain.core.findings import pluralize
from alabtrain.selection.decisions import REASONS, RULES

TYPES = {
    "ner": "Named entities",
    "assertion": "Assertion status",
    "classification": "Classification",
    "visual_ner": "Named entities in scans",
}
SHORT_TYPES = {**TYPES, "ner": "NER", "visual_ner": "Visual NER"}
_OTHER_LOSSES = {
    "no_text": "no text under the key that the labeling config names",
    "empty_text": "the text is empty",
    "not_test": "the task is not tagged Test",
    "beyond_share": "beyond the share of the tasks that is used",
    "no_vector": "the encoder has no vector for the token",
}


def loss(code: str, unit: str = "", count: int = 2) -> str:
    """Return what a reason code of the funnel means, for `count` things of a `unit`; an unknown one as it reads."""
    from alabtrain.annotations import classes, spans, statuses
    from alabtrain.documents import pages, tagging
    from alabtrain.documents import texts as documents
    from alabtrain.pages import regions

    known: dict[str, str] = {
        **_OTHER_LOSSES,
        **pages.LOSSES_OF_PAGES,
        **documents.BROKEN,
        **spans.LOSSES,
        **tagging.LOSSES,
    }
    known.update((reason, words) for reason, words in REASONS.items())
    # The same reason is told otherwise of choices and of assertion labels.
    if unit == "choices":
        known.update(classes.LOSSES)
    elif unit == "boxes":
        known.update(regions.LOSSES)
    elif unit == "statuses":
        known.update((code, told.replace("[span|spans]", "[status|statuses]")) for code, told in tagging.LOSSES.items())
        known.update(statuses.LOSSES)
    return pluralize(known.get(code, code.replace("_", " ")), count)


def types(kinds: Sequence[str]) -> str:
    """Return types of models as one says them in a row: `Named entities, assertion status and classification`."""
    said = [TYPES.get(kind, kind) for kind in kinds]
    said = [*said[:1], *(name[:1].lower() + name[1:] for name in said[1:])]
    return " and ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))


def short_loss(code: str) -> str:
    """Return a reason code of the funnel as words, for a narrow table: `lower priority`."""
    return code.replace("_", " ")


def rule(code: str) -> str:
    """Return what a rule of the selection means; an unknown one as it reads."""
    known: dict[str, str] = {name: words for name, words in RULES.items()}  # noqa: C416 - widens the keys' type
    return known.get(code, code.replace("_", " "))


def duration(seconds: float | None) -> str:
    """Return a duration as one says it: `48 s`, `6 min 05 s`, `1 h 02 min`; empty for None."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def number_of_loss(loss: float | None, digits: int) -> str:
    """Return a loss with `digits` behind the point, and two more where it is below 1: the engine's differ in scale."""
    if loss is None:
        return "not a number"
    return f"{loss:.{digits if abs(loss) >= 1 else digits + 2}f}"
