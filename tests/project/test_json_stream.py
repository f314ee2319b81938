from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.core.errors import InputError
from alabtrain.project import json_stream as jsonarray
from alabtrain.project.json_stream import ArrayReader, iter_array

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
arrays = st.lists(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), values, max_size=4), max_size=8)


class Dribble(io.BytesIO):
    """Gives a few bytes at a time, whatever is asked for."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(data)
        self._step = step

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._step)


def read(data: bytes | str) -> list[dict[str, Any]]:
    return list(iter_array(io.BytesIO(data if isinstance(data, bytes) else data.encode()), where="x.json"))


@given(arrays, st.integers(1, 9), st.booleans(), st.sampled_from([None, 1]), st.booleans())
def test_reads_what_json_reads_however_the_bytes_come(
    array: list[Any], step: int, ascii_only: bool, indent: int | None, bom: bool
) -> None:
    data = json.dumps(array, ensure_ascii=ascii_only, indent=indent).encode("utf-8-sig" if bom else "utf-8")
    old, jsonarray.READ_SIZE = jsonarray.READ_SIZE, 1
    try:
        assert list(iter_array(Dribble(data, step), where="x")) == array
    finally:
        jsonarray.READ_SIZE = old


@given(arrays.filter(bool), st.data())
def test_a_truncated_array_is_an_error(array: list[Any], data: st.DataObject) -> None:
    text = json.dumps(array).encode()
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(InputError):
        read(text[:cut])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this file is empty"),
        ("  \n", "this file is empty"),
        ('{"id": 1}', "expected a JSON list"),
        ("null", "expected a JSON list"),
        ("id,text\n1,a\n", "expected a JSON list"),
        ("[1]", "expected a task"),
        ('[{"id": 1}, "x"]', "expected a task"),
        ("[[]]", "expected a task"),
        ("[", "ends in the middle of the list"),
        ("[{}", "expected a comma|ends in the middle|something"),
        ("[{},]", "expected a task after the comma"),
        ("[{} {}]", "expected a comma"),
        ("[{}]]", "text after the end of the list"),
        ("[{}] {}", "text after the end of the list"),
        ('[{"a": NaN}]', "NaN or Infinity"),
        ('[{"a": [-Infinity]}]', "NaN or Infinity"),
        ('[{"a": "\\ud800"}]', "surrogate"),
        ('[{"\\udc00": 1}]', "surrogate"),
        ('[{"a": "\\ud83d\\ud83d\\ude00"}]', "surrogate"),
        ('[{"a": "line\nbreak"}]', "not JSON: Invalid control character"),
        (
            '[{"a": 1 "b": 2}, {}, {"c": "a text that goes on for a while"}]',
            "not JSON: Expecting ',' delimiter",
        ),
        ('[{"a": "unfinished}]', "ends in the middle of a task"),
        ('[{"a": ' + "9" * 5000 + "}]", "too many digits"),
        ('[{"a": ' + "[" * 200_000 + "]" * 200_000 + "}]", "nested too deeply"),
    ],
)
def test_what_is_no_list_of_objects_is_an_error(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(text)


def test_pairs_of_surrogates_and_escaped_backslashes_are_fine() -> None:
    assert read('[{"a": "\\ud83d\\ude00", "b": "\\\\ud800"}]') == [{"a": "\U0001f600", "b": "\\ud800"}]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "latin-1"])
def test_other_encodings_are_named(codec: str) -> None:
    data = '[{"a": "caf\u00e9"}]'.encode(codec)
    data = b"\xff\xfe" + data if codec == "utf-16-le" else data
    with pytest.raises(InputError, match="UTF-16" if codec.startswith("utf-16") else "not UTF-8"):
        read(data)


def test_an_error_names_element_line_and_column_and_no_text() -> None:
    with pytest.raises(InputError) as caught:
        read('[\n  {"a": "a secret"},\n  {"a": "a secret" 1, "b": "another secret text that is long"}\n]')
    assert caught.value.where == "x.json, task /1, line 3, column 20"
    assert "secret" not in str(caught.value) + repr(caught.value.__cause__) + str(caught.value.hint)
    assert caught.value.__suppress_context__


def test_lines_are_counted_over_refills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonarray, "READ_SIZE", 7)
    with pytest.raises(InputError) as caught:
        read("[\n" + '{"a": 1},\n' * 40 + '{"a": 1},  oops' + " " * 50)
    assert caught.value.where == "x.json, task /40, line 42, column 12"


def test_a_task_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonarray, "READ_SIZE", 100)
    monkeypatch.setattr(jsonarray, "MAX_ELEMENT", 1000)
    with pytest.raises(InputError, match="a task of more than 1,000 characters"):
        read('[{"a": "' + "x" * 5000 + '"}]')


def test_fingerprints_tell_equal_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonarray, "READ_SIZE", 5)
    reader = ArrayReader(io.BytesIO(b'[{"a": 1}, {"a": 2}, {"a": 1}]'), where="x")
    prints = [reader.fingerprint() for _ in reader]
    assert prints[0] == prints[2] != prints[1]


@pytest.mark.parametrize("number", ["1e999", "-1E+400", "1" * 320 + ".5", "123456789e301"])
def test_a_number_that_no_float_can_hold_is_an_error(number: str) -> None:
    with pytest.raises(InputError, match="a number is too large"):
        read(f'[{{"a": 1.5e300}}, {{"a": [{number}]}}]')


def test_a_task_just_below_the_largest_size_is_read_and_one_above_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonarray, "READ_SIZE", 100)
    monkeypatch.setattr(jsonarray, "MAX_ELEMENT", 1000)
    assert len(read('[{"a": "' + "x" * 990 + '"}]')) == 1
    with pytest.raises(InputError, match="a task of more than 1,000 characters"):
        read('[{"a": "' + "x" * 1200 + '"}]')
