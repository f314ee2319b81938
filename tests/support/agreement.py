"""Made projects whose annotators agree, or do not."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import settings

from alabtrain.core.json import to_json
from alabtrain.inspect.agreement import AgreementReport, agreement
from alabtrain.labeling.config import parse_config
from alabtrain.project.project import Project
from tests.support import builders as b
from tests.support.selection import options, tasks

CONFIG = """<View>
  <Labels name="label" toName="text">
    <Label value="Symptom"/>
    <Label value="Remedy"/>
    <Label value="Absent" assertion="true"/>
    <Label value="Past" assertion="true"/>
  </Labels>
  <Choices name="mood" toName="text" choice="single"><Choice value="calm"/><Choice value="worried"/></Choices>
  <Choices name="topics" toName="text" choice="multiple">
    <Choice value="A"/><Choice value="B"/><Choice value="C"/>
  </Choices>
  <Text name="text" value="$text"/>
</View>
"""
TEAM = ("ann", "bob", "cid")
slow_start = settings(deadline=None, max_examples=60)  # the first example imports scikit-learn


def project(*raws: dict[str, Any], config: str | None = CONFIG, team: tuple[str, ...] = TEAM) -> Project:
    """Return what `agreement` needs of a project, without a file."""
    parsed = parse_config(config.encode(), where="config.xml") if config else None
    made = SimpleNamespace(tasks=lambda: iter(tasks(*raws)), config=parsed, team_order=team, findings=[])
    return cast(Project, made)


def compare(*raws: dict[str, Any], config: str | None = CONFIG, team: tuple[str, ...] = TEAM, **how: Any) -> Any:
    types = how.pop("types", ())
    return agreement(project(*raws, config=config, team=team), options(**how), types=types)


def pair_task(number: int, *results: list[Any], by: tuple[str, ...] = TEAM) -> dict[str, Any]:
    """Return a task that several annotated, each with one of the results."""
    made = [b.completion(10 * number + at, by[at], result=result) for at, result in enumerate(results)]
    return b.task(number, *made)


def values(report: AgreementReport) -> Any:
    """Return the report as JSON says it; a number that JSON does not know is an error."""
    return json.loads(to_json(report.to_dict()))
