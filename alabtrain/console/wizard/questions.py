"""What the wizard asks, from what a project holds; no terminal here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal

from alabtrain.console.options import settings_of
from alabtrain.core.errors import NothingToTrain
from alabtrain.core.findings import Finding
from alabtrain.core.languages.registry import Language
from alabtrain.core.modeltypes import CLASSIFICATION, TEXT_TYPES, TRAINABLE, VISUAL_NER
from alabtrain.core.options import Option
from alabtrain.embeddings.registry import WORD2VEC, encoders
from alabtrain.inspect.check.report import CheckReport
from alabtrain.workflows.configs import WatchConfig

Kind = Literal["several", "one", "yes", "text", "number"]
Answers = Mapping[str, Any]
STEPS = ("What to train", "Parameters and split", "Active learning and deployment")
AUTO = ""  # the answer that leaves an option to its default


@dataclass(frozen=True, slots=True)
class Question:
    """A question of step `step` (from 0) about the option `key` (its long name in `alabtrain.yaml`).

    `choices` are pairs of value and title; `default` is a value, a list of them for `several`; `hints` are what a
    check found that bears on it. `problem` tells what is wrong with an answer, "" if nothing is; the question is left
    out where `asked` says no to the answers so far.
    """

    step: int
    key: str
    kind: Kind
    message: str
    default: Any
    choices: Sequence[tuple[str, str]] = ()
    hints: Sequence[Finding] = ()
    told: str = ""
    problem: Callable[[Any], str] = lambda _answer: ""
    asked: Callable[[Answers], bool] = lambda _answers: True


def make_questions(report: CheckReport, groups: Sequence[str], language: Language) -> list[Question]:
    """Return the questions on a project: what `check` reports of it, its groups of choices, its texts' language.

    Raises `NothingToTrain` where nothing of it can be trained.
    """
    if not set(TRAINABLE) & set(report.types):
        raise NothingToTrain("nothing of this project can be trained", hint="`alabtrain check` says why")
    return [*_what(report, groups, language), *_how(report), *_afterwards()]


def _what(report: CheckReport, groups: Sequence[str], language: Language) -> list[Question]:
    # Pages are trained on in a run of their own: they are asked for where there is nothing else.
    types = [kind for kind in TEXT_TYPES if kind in report.types] or [VISUAL_NER]
    counts = report.counts["labels"]
    titles = [(kind, f"{kind} ({_examples(kind, counts)})") for kind in types]
    own = language.embeddings
    others = [name for name, encoder in encoders().items() if name != own and language.code in encoder.languages]
    vectors = [own, *others, f"{own}+{WORD2VEC}", WORD2VEC]
    told = {own: f"the default for {language.title}", WORD2VEC: "on the project's own texts; nothing to download"}
    return [
        Question(
            0, "type", "several", "Which models?", types, titles, report.by_subject["labels"],
            problem=lambda answer: "" if answer else "choose one at least",
        ),
        Question(
            0, "choices", "one", "Which choices for the classifier?", groups[0] if groups else AUTO,
            [(name, name) for name in groups], asked=lambda a: CLASSIFICATION in a["type"] and len(groups) > 1,
        ),
        Question(
            0, "embeddings", "one", "Which embeddings?", own,
            [(name, f"{name} ({told[name]})" if name in told else name) for name in vectors],
            report.by_subject["engine"], told=f"The texts are {language.title}.",
        ),
    ]  # fmt: skip


def _how(report: CheckReport) -> list[Question]:
    tested = report.counts["test"]
    split = [("random", "a random share of the tasks validates")]
    if tested:
        split.insert(0, ("tags", f"the {tested:,} tasks tagged Test test"))
    return [
        Question(1, "split", "one", "Which tasks give the scores?", split[0][0], split, report.by_subject["split"]),
        Question(
            1, "validation", "number", "Share of the training tasks that judges each epoch? (empty: the default)",
            AUTO, problem=partial(_wrong_number, "validation"),
        ),
        Question(
            1, "epochs", "number", "How many epochs? (empty: the measured default of each type)", AUTO,
            problem=partial(_wrong_number, "epochs"),
        ),
        Question(
            1, "learning-rate", "number", "Learning rate? (empty: the measured default)", AUTO,
            problem=partial(_wrong_number, "learning_rate"),
        ),
        Question(
            1, "batch-size", "number", "Batch size? (empty: the measured default)", AUTO,
            problem=partial(_wrong_number, "batch_size"),
        ),
        Question(1, "reviewed-only", "yes", "Only completions that a reviewer accepted?", default=False),
        Question(1, "tags", "text", "Only tasks with one of these tags? (a,b; empty: all)", AUTO),
    ]  # fmt: skip


def _afterwards() -> list[Question]:
    return [
        Question(2, "deploy", "yes", "Write the models' names into the labeling config, and keep them?", default=False),
        Question(
            2, "every", "number", "Train again after how many new completions? (empty: never)", AUTO,
            problem=partial(_wrong_number, "every"),
        ),
    ]  # fmt: skip


def _examples(kind: str, counts: Mapping[str, Mapping[str, Mapping[str, int]]]) -> str:
    """Say how many training examples a type has."""
    own = [table for name, table in counts.items() if name.partition(":")[0] == kind]
    total = sum(parts["train"] for table in own for parts in table.values())
    labels = sum(len(table) for table in own)
    return f"{labels} {'label' if labels == 1 else 'labels'}, {total:,} examples"


def _wrong_number(name: str, answer: str) -> str:
    """Return what is wrong with an answer as a value of the option; an empty one leaves it to its default."""
    if not answer.strip():
        return ""
    option = _options()[name]
    whole = option.type is int or option.type == int | None
    try:
        number = int(answer) if whole else float(answer)
    except ValueError:
        return "a whole number, or nothing" if whole else "a number, or nothing"
    bounds = option.bounds
    return "" if option.accepts(number) else f"from {bounds}" if " to " in bounds else bounds


@cache
def _options() -> dict[str, Option]:
    """Return the options of a watch, which are those of a training and its own, by the names of their fields."""
    return {setting.name: setting.option for setting in settings_of(WatchConfig)}
