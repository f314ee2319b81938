"""Readable texts for codes, for the model card and the report."""

from __future__ import annotations

from collections.abc import Sequence

from alabtrain.core.findings import pluralize
from alabtrain.selection.decisions import REASONS, RULES
from alabtrain.trainers.registry import title_of

_OTHER_LOSSES = {
    "not_trained_on": "of a control that no model is trained on",
    "no_text": "no text under the key that the labeling config names",
    "empty_text": "the text is empty",
    "not_test": "the task is not tagged Test",
    "beyond_share": "outside the share of tasks that is used",
    "no_vector": "the encoder has no vector for the token",
}


def loss(code: str, unit: str = "", count: int = 2) -> str:
    """Return the text for a reason code of the funnel, for `count` items of a `unit`; an unknown code as it is."""
    from alabtrain.annotations import boxes, classes, relations, spans, statuses
    from alabtrain.documents import pages, tagging

    known: dict[str, str] = {
        **_OTHER_LOSSES,
        **pages.LOSSES_OF_PAGES,
        **spans.LOSSES,
        **tagging.LOSSES,
    }
    known.update((reason, words) for reason, words in REASONS.items())
    # The same reason has another text for choices and for assertion labels.
    if unit == "choices":
        known.update(classes.LOSSES)
    elif unit == "boxes":
        known.update(boxes.LOSSES)
    elif unit == "relations":
        known.update(relations.LOSSES)
    elif unit == "statuses":
        known.update((code, text.replace("[span|spans]", "[status|statuses]")) for code, text in tagging.LOSSES.items())
        known.update(statuses.LOSSES)
    return pluralize(known.get(code, code.replace("_", " ")), count)


def types(model_types: Sequence[str]) -> str:
    """Return model types as an enumeration: `Named entities, assertion status and classification`."""
    names = [title_of(model_type) for model_type in model_types]
    names = [*names[:1], *(name[:1].lower() + name[1:] for name in names[1:])]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def short_loss(code: str) -> str:
    """Return a reason code of the funnel as words, for a narrow table: `lower priority`."""
    return code.replace("_", " ")


def rule(code: str) -> str:
    """Return the text for a rule of the selection; an unknown one as it is."""
    known: dict[str, str] = {name: words for name, words in RULES.items()}  # noqa: C416 - widens the keys' type
    return known.get(code, code.replace("_", " "))


def duration(seconds: float | None) -> str:
    """Return a readable duration: `48 s`, `6 min 05 s`, `1 h 02 min`; empty for None."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def number_of_loss(loss: float | None, digits: int) -> str:
    """Return a loss with `digits` decimals, and two more if it is below 1: the engine's losses differ in scale."""
    if loss is None:
        return "not a number"
    return f"{loss:.{digits if abs(loss) >= 1 else digits + 2}f}"
