"""Holds JSON against the schemas that `alabtrain schema` prints, with nothing more in it than they say."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from alabtrain.core.json import plain
from alabtrain.workflows.schemas import make_schema


def validated(name: str, value: object) -> Any:
    """Return the value as plain JSON; fail unless it is as the schema says, and has no further fields."""
    answer: Any = plain(value)
    problems = [f"{problem.json_path}: {problem.message}" for problem in validator(name).iter_errors(answer)]
    assert not problems, f"not as `alabtrain schema {name}` says: {problems[:5]}"
    return answer


@cache
def validator(name: str) -> Draft202012Validator:
    schema: Any = copy.deepcopy(make_schema(name))
    Draft202012Validator.check_schema(schema)
    for definition in schema.get("$defs", {}).values():
        definition.setdefault("additionalProperties", False)
    return Draft202012Validator(schema)
