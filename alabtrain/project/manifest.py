"""The labeling config inside a `project.json`: patched as carefully as in a separate file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from alabtrain.core.errors import InputError
from alabtrain.labeling.config import parse_config
from alabtrain.labeling.markup import read_markup
from alabtrain.labeling.patch import TrainedModel, patch, plan

LABEL_CONFIG = "label_config"
_KEY = re.compile(r'"label_config"\s*:\s*"')
# One character in JSON: a pair of surrogates, an escape, or the character itself.
_UNIT = re.compile(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\u\w{4}|\\.|[^\\]", re.DOTALL)


def patch_manifest(source: bytes, models: Sequence[TrainedModel], *, where: str) -> bytes:
    """Return a `project.json` with the models deployed into its `label_config`; no other byte differs.

    Raises what `patch` raises, and `InputError` if the config cannot be found in the file.
    """
    text = source.decode("utf-8")
    held = json.loads(text.removeprefix("\ufeff"))
    config = held[LABEL_CONFIG]
    parsed = parse_config(config.encode(), where=f"{where} at /{LABEL_CONFIG}", encoding="utf-8")
    wanted = patch(parsed, models).decode()
    if wanted == config:
        return source
    shift = len(config) - len(read_markup(parsed.source, where=parsed.where, encoding="utf-8").text)
    edits = [(edit.start + shift, edit.end + shift, edit.text) for edit in plan(parsed, models)]
    expected = {**held, LABEL_CONFIG: wanted}
    for start, end in _literals(text, config):
        literal = text[start:end]
        changed = text[:start] + _edited(literal, edits) + text[end:]
        if json.loads(changed.removeprefix("\ufeff")) == expected:
            return changed.encode()
    raise InputError(
        f"its {LABEL_CONFIG} is written in an unusual way", where=where, hint="write the config with --output"
    )


def _literals(text: str, value: str) -> Iterator[tuple[int, int]]:
    """Yield start and end (between the quotes) of each string that may be the config."""
    decoder = json.JSONDecoder()
    for match in _KEY.finditer(text):
        try:
            found, end = decoder.raw_decode(text, match.end() - 1)
        except ValueError:
            continue
        if found == value:
            yield match.end(), end - 1


def _edited(literal: str, edits: Sequence[tuple[int, int, str]]) -> str:
    units = _UNIT.findall(literal)
    pieces: list[str] = []
    position = 0
    for start, end, text in edits:
        pieces += [*units[position:start], json.dumps(text, ensure_ascii=literal.isascii())[1:-1]]
        position = end
    return "".join([*pieces, *units[position:]])
