"""The one way to JSON and back: foreign JSON as a type, our results as text, decoded JSON as our results.

What alabtrain writes and prints are dataclasses and TypedDicts; msgspec knows both, and makes JSON Schemas of them
(`workflows/schemas.py`). It is imported inside functions, as it costs a hundredth of a second.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from alabtrain.core.errors import InputError

if TYPE_CHECKING:
    Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
else:
    Json: TypeAlias = object  # the alias is recursive: nobody resolves it while the program runs
JsonObject: TypeAlias = Mapping[str, Json]

Value = TypeVar("Value")
_FIELD = re.compile(r" - at `(\$[^`]*)`$")  # at the end of a message of msgspec


def to_json(value: object, *, indent: int | None = None) -> str:
    """Return `value` as JSON: dataclasses by their fields, paths as text, null for NaN and infinite numbers."""
    return json.dumps(plain(value), ensure_ascii=False, indent=indent, allow_nan=False)


def plain(value: object) -> Json:
    """Return `value` as dicts, lists, texts and numbers, as `to_json` writes it."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        import msgspec

        return plain(msgspec.to_builtins(value, enc_hook=plain))
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def from_json(value: object, expected: type[Value], *, where: str) -> Value:
    """Return JSON that was decoded as a value of the type `expected`, with all types checked.

    Keys that the type does not have are left out. Raises `InputError`; the message names the field, but no value.
    """
    import msgspec

    try:
        return msgspec.convert(value, expected)
    except msgspec.ValidationError as problem:
        field = _FIELD.search(str(problem))
        message = f"this is not as alabtrain writes it (at {field[1] if field else '$'})"
        raise InputError(message, where=where) from None


def decode(data: bytes | str, *, where: str) -> Json:
    """Return the value of a JSON text. Raises `InputError` where it is none."""
    try:
        value: Json = json.loads(data)
    except (ValueError, RecursionError):
        raise InputError("this is not valid JSON", where=where) from None
    return value


def as_float(value: Json) -> float:
    """Return a number, or the number that a text is. Raises `TypeError` and `ValueError`, as `float` does."""
    if isinstance(value, (int, float, str)):
        return float(value)
    raise TypeError("not a number")
