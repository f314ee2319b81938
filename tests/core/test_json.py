from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.core.errors import InputError
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Funnel, FunnelJson, Stage
from alabtrain.core.json import as_float, decode, from_json, plain, to_json
from alabtrain.runs.shapes import RunRecord

PATIENT = "Maria Silva"
FINDINGS = st.builds(
    Finding,
    st.text(),
    st.sampled_from(["error", "warning", "info"]),
    st.text(),
    st.integers(min_value=0, max_value=2**53),
    st.lists(st.text(), max_size=3).map(tuple),
    st.text(),
)


@dataclass(frozen=True, slots=True)
class Inner:
    path: Path
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Outer:
    inner: Inner
    counts: Counter[str] = field(default_factory=Counter)
    pair: tuple[int, str] = (1, "a")


def test_dataclasses_are_written_by_their_fields() -> None:
    value = {"one": Outer(Inner(Path("x"), float("nan")), Counter("aab"))}
    assert to_json(value) == (
        '{"one": {"inner": {"path": "x", "share": null}, "counts": {"a": 2, "b": 1}, "pair": [1, "a"]}}'
    )


def test_what_has_no_form_in_json_is_a_fault() -> None:
    for value in (object(), Finding, b"x", {"a": {1}}):
        with pytest.raises(TypeError, match="no form in JSON"):
            plain(value)


@given(st.lists(FINDINGS, max_size=4))
def test_findings_come_back_as_they_were(findings: list[Finding]) -> None:
    assert from_json(decode(to_json(findings), where="f"), list[Finding], where="f") == findings


def test_a_funnel_comes_back_with_what_is_left() -> None:
    funnel = Funnel((Stage("a", "tasks", 5, {"lost": 2}),))
    back = from_json(json.loads(to_json(funnel.to_dict())), FunnelJson, where="f")
    assert back == {"stages": [{"name": "a", "unit": "tasks", "entered": 5, "lost": {"lost": 2}, "left": 3}]}


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ({"stages": [{"name": 3}]}, r"\$\.stages\[0\]"),
        ({"stages": PATIENT}, r"\$\.stages"),
        ([], r"\$"),
        ({}, r"\$"),
    ],
)
def test_a_wrong_type_is_told_by_its_field_and_no_value(value: object, at: str) -> None:
    with pytest.raises(InputError, match=rf"\(at {at}") as caught:
        from_json(value, FunnelJson, where="funnel.json")
    assert caught.value.where == "funnel.json"
    assert PATIENT not in str(caught.value)


def test_an_unknown_word_is_not_repeated() -> None:
    finding = {"code": "a", "severity": PATIENT, "message": "m"}
    with pytest.raises(InputError, match="severity") as caught:
        from_json(finding, Finding, where="f")
    assert PATIENT not in str(caught.value)


def test_the_record_of_a_run_may_have_deployments() -> None:
    record = {
        "state": "done", "type": "ner", "types": ["ner"], "versions": {}, "inputs": {}, "seed": 1, "started": "t",
        "finished": None, "parameters": {"seed": {"value": 1, "from": "flag"}}, "further": 1,
    }  # fmt: skip
    assert "deployments" not in from_json(record, RunRecord, where="run.json")
    record["deployments"] = [{"time": "t", "written": "c.xml"}]
    assert from_json(record, RunRecord, where="run.json")["deployments"][0]["written"] == "c.xml"


@pytest.mark.parametrize("text", ["{", "", "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_an_input_error(text: str | bytes) -> None:
    with pytest.raises(InputError, match="not valid JSON"):
        decode(text, where="f")


def test_numbers_may_be_texts() -> None:
    assert [as_float(value) for value in (1, 2.5, "3", True)] == [1.0, 2.5, 3.0, 1.0]
    for value, error in ((None, TypeError), ([1], TypeError), ("x", ValueError)):
        with pytest.raises(error):
            as_float(value)
