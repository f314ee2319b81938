"""The questions of the wizard for a project; this module needs no terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

from alabtrain.console.options import settings_of
from alabtrain.core.errors import NothingToTrain
from alabtrain.core.findings import Finding
from alabtrain.core.languages.registry import Language
from alabtrain.core.options import Option
from alabtrain.embeddings.registry import WORD2VEC, encoders
from alabtrain.inspect.check.report import CheckReport
from alabtrain.trainers.registry import model_types, type_names
from alabtrain.workflows.configs import WatchConfig

Answer = str | bool | list[str]
AnswerType = Literal["several", "one", "yes", "text", "number"]
Answers = Mapping[str, Answer]
STEPS = ("What to train", "Parameters and split", "Active learning and deployment")
AUTO = ""  # the answer that keeps the default of an option


@dataclass(frozen=True, slots=True)
class Question:
    """A question of step `step` (from 0) about the option `key` (its long name in `alabtrain.yaml`).

    `choices` are pairs of value and title. `default` is a value, or a list of values for `several`. `hints` are the
    findings of a check about the subject of the question. `problem` returns what is wrong with an answer, or "". The
    question is skipped if `asked` returns False for the answers so far.
    """

    step: int
    key: str
    answer_type: AnswerType
    message: str
    default: Answer
    choices: Sequence[tuple[str, str]] = ()
    hints: Sequence[Finding] = ()
    note: str = ""
    problem: Callable[[Answer], str] = lambda _answer: ""
    asked: Callable[[Answers], bool] = lambda _answers: True


def make_questions(report: CheckReport, groups: Sequence[str], language: Language) -> list[Question]:
    """Return the questions for a project with this check report, these groups of choices and this language.

    Raises `NothingToTrain` if the project has no type that can be trained.
    """
    if not set(type_names()) & set(report.types):
        raise NothingToTrain("this project has no model type that can be trained", hint="`alabtrain check` shows why")
    return [*_what(report, groups, language), *_how(report), *_afterwards()]


def _what(report: CheckReport, groups: Sequence[str], language: Language) -> list[Question]:
    # Types for pages need a run of their own, so they are offered only if there is no other type.
    types = [name for name in type_names(of_pages=False) if name in report.types] or list(type_names(of_pages=True))
    grouped = {one.name for one in model_types() if "choices" in one.offers}
    counts = report.counts["labels"]
    titles = [(model_type, f"{model_type} ({_examples(model_type, counts)})") for model_type in types]
    own = language.embeddings
    others = [name for name, encoder in encoders().items() if name != own and language.code in encoder.languages]
    vectors = [own, *others, f"{own}+{WORD2VEC}", WORD2VEC]
    notes = {own: f"the default for {language.title}", WORD2VEC: "on the project's own texts; nothing to download"}
    return [
        Question(
            0, "type", "several", "Which models?", types, titles, report.by_subject["labels"],
            problem=lambda answer: "" if answer else "choose at least one",
        ),
        Question(
            0, "choices", "one", "Which choices for the classifier?", groups[0] if groups else AUTO,
            [(name, name) for name in groups],
            asked=lambda answers: len(groups) > 1 and any(_has(answers["type"], name) for name in grouped),
        ),
        Question(
            0, "embeddings", "one", "Which embeddings?", own,
            [(name, f"{name} ({notes[name]})" if name in notes else name) for name in vectors],
            report.by_subject["engine"], note=f"The texts are {language.title}.",
        ),
    ]  # fmt: skip


def _how(report: CheckReport) -> list[Question]:
    tested = report.counts["test"]
    split = [("random", "a random share of the tasks, for validation")]
    if tested:
        split.insert(0, ("tags", f"the {tested:,} tasks tagged Test"))
    return [
        Question(1, "split", "one", "Which tasks give the scores?", split[0][0], split, report.by_subject["split"]),
        Question(
            1, "validation", "number", "Share of the training tasks for validation? (empty: the default)",
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
        Question(
            2, "deploy", "yes", "Write the models' names into the labeling config, and store the models?",
            default=False,
        ),
        Question(
            2, "every", "number", "Train again after how many new completions? (empty: never)", AUTO,
            problem=partial(_wrong_number, "every"),
        ),
    ]  # fmt: skip


def _examples(model_type: str, counts: Mapping[str, Mapping[str, Mapping[str, int]]]) -> str:
    """Return a text with the numbers of labels and training examples of a model type."""
    own = [table for name, table in counts.items() if name.partition(":")[0] == model_type]
    total = sum(parts["train"] for table in own for parts in table.values())
    labels = sum(len(table) for table in own)
    return f"{labels} {'label' if labels == 1 else 'labels'}, {total:,} examples"


def _has(answer: Answer, model_type: str) -> bool:
    return not isinstance(answer, bool) and model_type in answer


def _wrong_number(name: str, answer: Answer) -> str:
    """Return what is wrong with an answer as a value of the option, or ""; an empty answer keeps the default."""
    answer = str(answer)
    if not answer.strip():
        return ""
    option = _options()[name]
    whole = option.type is int or option.type == int | None
    try:
        number = int(answer) if whole else float(answer)
    except ValueError:
        return "enter a whole number, or leave it empty" if whole else "enter a number, or leave it empty"
    bounds = option.bounds
    return "" if option.accepts(number) else f"from {bounds}" if " to " in bounds else bounds


@cache
def _options() -> dict[str, Option]:
    """Return the options of a watch, which include those of a training, by the names of their fields."""
    return {setting.name: setting.option for setting in settings_of(WatchConfig)}
