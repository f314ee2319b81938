"""Checks run on hand-made tasks in one call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alabtrain.core.findings import Finding
from alabtrain.inspect.check import CheckReport, run_checks
from alabtrain.project.project import open_project
from alabtrain.selection.select import select_project
from tests.support import builders as b
from tests.support.selection import options

Check = Callable[..., CheckReport]

GROUPS = """<View>
  <Choices name="mood" toName="text"><Choice value="calm"/><Choice value="worried"/></Choices>
  <Choices name="topics" toName="text" choice="multiple"><Choice value="sleep"/><Choice value="food"/></Choices>
  <Choices name="part" toName="text" perRegion="true"><Choice value="a"/></Choices>
  <Text name="text" value="$text"/>
</View>
"""


def check_tasks(folder: Path, tasks: list[dict[str, Any]], *, config: str | None = b.CONFIG, **how: Any) -> CheckReport:
    export = b.write_json(folder / "tasks.json", tasks)
    (folder / "config.xml").write_text(config or "")
    project = open_project(export, config=folder / "config.xml" if config else None)
    return run_checks(project, select_project(project, options(**how)))


def found(report: CheckReport, code: str) -> Finding:
    matches = [finding for finding in report.findings if finding.code == code]
    assert len(matches) == 1, [finding.code for finding in report.findings]
    return matches[0]


def codes(report: CheckReport) -> set[str]:
    return {finding.code for finding in report.findings}


def note(number: int, *result: dict[str, Any], text: str = b.TEXT, tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a task with one submitted completion."""
    made = b.task(number, b.completion(number * 1000 + 1, result=list(result)), tags=list(tags))
    return {**made, "data": {"text": text}}


def words(number: int, *labels: str, tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a task whose text has a word for each label, and one sentence without any."""
    text = f"Note {number}: " + " ".join(f"word{position}" for position in range(len(labels))) + ". The rest is quiet."
    result = [
        b.region(text.index(f"word{position}"), text.index(f"word{position}") + 5, label, text=text)
        for position, label in enumerate(labels)
    ]
    return note(number, *result, text=text, tags=tags)


def moods(calm: int, worried: int, group: str = "mood") -> list[dict[str, Any]]:
    names = ["calm"] * calm + ["worried"] * worried
    return [note(n, b.choice(group, name), text=f"Note {n}.") for n, name in enumerate(names)]
