"""The settings from the wizard's answers: an `alabtrain.yaml`, and the command line that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from typer.core import TyperOption

from alabtrain.console.settings import settings_of
from alabtrain.console.wizard.questions import Answers, Question

HEAD = "# Written by `alabtrain wizard`. Run it with: alabtrain {command} -c {file}\n"
WATCH_ONLY = "every"


@dataclass(frozen=True, slots=True)
class Settings:
    """The options that differ from the defaults, by long name; the project comes first."""

    options: Mapping[str, object]

    @property
    def command(self) -> str:
        """The command that uses the settings: `watch` if new completions start a training, else `train`."""
        return "watch" if WATCH_ONLY in self.options else "train"

    @property
    def command_line(self) -> str:
        """The command line with the same effect."""
        words = ["alabtrain", self.command, str(self.options["project"])]
        known = {name.replace("_", "-"): option for name, option in settings_of(self.command).items()}
        for name, value in self.options.items():
            option = known.get(name)  # a settings file may have options of other commands
            if isinstance(option, TyperOption):
                words += _typed(value, option)
        return shlex.join(words)

    def to_yaml(self, file: Path) -> str:
        """Return the text of the settings file for the path `file`."""
        import yaml

        head = HEAD.format(command=self.command, file=shlex.quote(str(file)))
        return head + str(yaml.safe_dump(dict(self.options), sort_keys=False, allow_unicode=True))


def make_settings(
    project: Path, questions: Sequence[Question], answers: Answers, others: Mapping[str, object]
) -> Settings:
    """Return the settings from the answers; an empty answer keeps the default.

    `others` are options without a question, from the command line or the existing settings file. Types are included
    even if all are trained, so that a later change of the labeling config does not change what is trained.
    """
    asked = {question.key for question in questions}
    options: dict[str, object] = {"project": str(project)}
    options.update({name: value for name, value in others.items() if name not in (*asked, "project")})
    for question in questions:
        answer: object = answers.get(question.key)
        if question.answer_type == "number":
            answer = _number(str(answer or ""))
        elif question.answer_type == "text":
            answer = str(answer or "").strip()
        if not (answer is None or answer is False or answer in ("", [])):
            options[question.key] = answer
    if WATCH_ONLY in options and "deploy" not in options:
        options["deploy"] = False  # otherwise, the watch would ask
    return Settings(options)


def _typed(value: object, option: TyperOption) -> list[str]:
    """Return the words of an option with a value for a command line."""
    if isinstance(value, bool):
        return option.opts[-1:] if value else option.secondary_opts[:1]
    name = option.opts[-1]
    if option.multiple:
        return [word for one in (value if isinstance(value, list) else [value]) for word in (name, str(one))]
    return [name, ",".join(map(str, value)) if isinstance(value, list) else str(value)]


def _number(text: str) -> int | float | None:
    if not text.strip():
        return None
    return int(text) if text.strip().isdigit() else float(text)
