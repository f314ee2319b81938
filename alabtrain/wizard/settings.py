"""What the wizard's answers make: an `alabtrain.yaml`, and the command line that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alabtrain.wizard.questions import Question

HEAD = "# Written by `alabtrain wizard`. Run it with: alabtrain {command} -c {file}\n"
WATCH_ONLY = "every"


@dataclass(frozen=True, slots=True)
class Settings:
    """The options that differ from what the program takes by itself, by long name, in the order of the questions."""

    options: Mapping[str, Any]

    @property
    def command(self) -> str:
        """The command that they are for: `watch` where completions are waited for, else `train`."""
        return "watch" if WATCH_ONLY in self.options else "train"

    @property
    def command_line(self) -> str:
        """What could be typed instead."""
        words = ["alabtrain", self.command, str(self.options["project"])]
        for name, value in self.options.items():
            if name == "project":
                continue
            if isinstance(value, bool):
                words += [f"--{name}"] if value else []
            else:
                for one in value if isinstance(value, list) else [value]:
                    words += [f"--{name}", str(one)]
        return shlex.join(words)

    def to_yaml(self, file: Path) -> str:
        """Return the text of the settings file; `file` is the name that its head tells."""
        import yaml

        head = HEAD.format(command=self.command, file=file.name)
        return head + str(yaml.safe_dump(dict(self.options), sort_keys=False, allow_unicode=True))


def make_settings(project: Path, questions: Sequence[Question], answers: Mapping[str, Any]) -> Settings:
    """Return the settings of the answers; what was left empty is left to the program.

    Types are named even where all are trained: a config that changes later must not change what is trained.
    """
    options: dict[str, Any] = {"project": str(project)}
    for question in questions:
        answer = answers.get(question.key)
        if question.kind == "text":
            answer = _value(str(answer or "").strip())
        if answer not in (None, "", False, []):
            options[question.key] = answer
    if WATCH_ONLY in options and "deploy" not in options:
        options["deploy"] = False
    return Settings(options)


def _value(text: str) -> Any:
    """Return a number for what reads as one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
