"""What the wizard's answers make: an `alabtrain.yaml`, and the command line that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.core import TyperOption

from alabtrain.console.settings import settings_of
from alabtrain.console.wizard.questions import Question

HEAD = "# Written by `alabtrain wizard`. Run it with: alabtrain {command} -c {file}\n"
WATCH_ONLY = "every"


@dataclass(frozen=True, slots=True)
class Settings:
    """The options that differ from what the program takes by itself, by long name, the project first."""

    options: Mapping[str, Any]

    @property
    def command(self) -> str:
        """The command that they are for: `watch` where completions are waited for, else `train`."""
        return "watch" if WATCH_ONLY in self.options else "train"

    @property
    def command_line(self) -> str:
        """What could be typed instead."""
        words = ["alabtrain", self.command, str(self.options["project"])]
        known = {name.replace("_", "-"): option for name, option in settings_of(self.command).items()}
        for name, value in self.options.items():
            option = known.get(name)  # a settings file may hold what other commands take
            if isinstance(option, TyperOption):
                words += _typed(value, option)
        return shlex.join(words)

    def to_yaml(self, file: Path) -> str:
        """Return the text of the settings file; `file` is where it will be."""
        import yaml

        head = HEAD.format(command=self.command, file=shlex.quote(str(file)))
        return head + str(yaml.safe_dump(dict(self.options), sort_keys=False, allow_unicode=True))


def make_settings(
    project: Path, questions: Sequence[Question], answers: Mapping[str, Any], others: Mapping[str, Any]
) -> Settings:
    """Return the settings of the answers; what was left empty is left to the program.

    `others` are options that no question is about: of the command line, or of the settings file that is there. Types
    are named even where all are trained: a config that changes later must not change what is trained.
    """
    asked = {question.key for question in questions}
    options: dict[str, Any] = {"project": str(project)}
    options.update({name: value for name, value in others.items() if name not in (*asked, "project")})
    for question in questions:
        answer = answers.get(question.key)
        if question.kind == "number":
            answer = _number(str(answer or ""))
        elif question.kind == "text":
            answer = str(answer or "").strip()
        if not (answer is None or answer is False or answer in ("", [])):
            options[question.key] = answer
    if WATCH_ONLY in options and "deploy" not in options:
        options["deploy"] = False  # else the watch would ask
    return Settings(options)


def _typed(value: Any, option: TyperOption) -> list[str]:
    """Return an option as it is typed with a value."""
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
