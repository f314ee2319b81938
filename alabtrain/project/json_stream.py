"""Reads a JSON array element by element: as fast as the standard library's C parser, in little memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from math import isinf
from typing import BinaryIO, NoReturn

from alabtrain.core.errors import InputError
from alabtrain.core.json import Json

READ_SIZE = 1 << 20
MAX_ELEMENT = 16 << 20  # characters of one task
_BLANKS = re.compile(r"[ \t\n\r]*")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
# If the decoder fails this close to the end of the buffer, more input may complete the value.
_LONGEST_TOKEN = len("-Infinity")
_DAMAGED_HINT = "the file is damaged: export or download it again"
_SURROGATE_HINT = "half of a character is missing: export again, or remove the escape"


def iter_array(stream: BinaryIO, *, where: str) -> Iterator[dict[str, Json]]:
    """Yield the objects of a top-level JSON array (UTF-8, with or without BOM), in order.

    Raises:
        InputError: the text is not such an array, is truncated, holds a lone surrogate, NaN, Infinity or a number
            that is too large, is nested too deeply, or has an element over `MAX_ELEMENT` characters. The error
            names the element and the line.
    """
    return iter(ArrayReader(stream, where=where))


class _NoNumberError(ValueError):
    """The text has NaN or Infinity, which are not JSON; offsets must be numbers."""


def _refuse_constant(_name: str) -> NoReturn:
    raise _NoNumberError


def _finite(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise ValueError
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


class ArrayReader:
    """Iterates once over the objects of a JSON array; `index` is the index of the last one yielded."""

    def __init__(self, stream: BinaryIO, *, where: str) -> None:
        self.index = -1
        self._stream = stream
        self._where = where
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._buffer = ""
        self._start = 0  # where in the buffer the current element begins
        self._position = 0
        self._line = 1  # of the buffer's first character
        self._column = 1
        self._bytes = 0
        self._ended = False
        self._escapes = False  # the buffer may hold an escaped surrogate

    def fingerprint(self) -> int:
        """Return a hash of the text of the last object yielded; comparable only within this process."""
        return hash(self._buffer[self._start : self._position])

    def __iter__(self) -> Iterator[dict[str, Json]]:
        """Yield each object of the array."""
        self._open()
        mark = self._next_mark()
        if mark == "]":
            self._position += 1
        while mark != "]":
            if mark != "{":
                self._fail("expected a task (an object)" if mark else "the file ends in the middle of the list")
            self.index += 1
            yield self._element()
            mark = self._next_mark()
            if mark == ",":
                self._position += 1
                mark = self._next_mark()
                if mark == "]":
                    self._fail("expected a task after the comma")
            elif mark == "]":
                self._position += 1
            elif mark:
                self._fail("expected a comma or the end of the list")
        self._close()

    def _open(self) -> None:
        self._fill()
        if self._buffer.startswith("\ufeff"):
            self._position = 1
        mark = self._next_mark()
        if mark != "[":
            message = "this file is empty" if not mark else "expected a JSON list of tasks"
            self._fail(message, hint='export the project as "JSON"')
        self._position += 1

    def _close(self) -> None:
        if self._next_mark():
            self._fail("there is text after the end of the list")

    def _next_mark(self) -> str:
        """Skip whitespace; return the next character, or "" at the end of the file."""
        while True:
            match = _BLANKS.match(self._buffer, self._position)
            self._position = match.end() if match else self._position
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._fill():
                return ""

    def _element(self) -> dict[str, Json]:
        while True:
            self._start = self._position
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._start)
            except json.JSONDecodeError as problem:
                if self._may_be_cut_off(problem) and self._fill():
                    continue
                cut = self._ended and self._may_be_cut_off(problem)
                self._fail(
                    "the file ends in the middle of a task" if cut else f"this is not JSON: {problem.msg}",
                    problem.pos,
                    hint=_DAMAGED_HINT,
                )
            except _NoNumberError:
                self._fail("NaN or Infinity instead of a number")
            except RecursionError:
                self._fail("nested too deeply")
            except ValueError:
                self._fail("a number is too large, or has too many digits")
            self._position = end
            if self._escapes and _SURROGATE_ESCAPE.search(self._buffer, self._start, end):
                self._check_surrogates(value)
            element: dict[str, Json] = value
            return element

    def _may_be_cut_off(self, problem: json.JSONDecodeError) -> bool:
        if problem.msg.startswith("Invalid control character"):
            return False
        near_end = problem.pos >= len(self._buffer) - _LONGEST_TOKEN
        return near_end or problem.msg.startswith("Unterminated string")

    def _check_surrogates(self, value: dict[str, Json]) -> None:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            self._fail("half of a surrogate pair in a text", self._start, hint=_SURROGATE_HINT)
        except RecursionError:
            self._fail("nested too deeply")

    def _fill(self) -> bool:
        """Drop the consumed text and read at least as much as remains; return False at the end of the file."""
        if self._ended:
            return False
        used = self._position
        newlines = self._buffer.count("\n", 0, used)
        if newlines:
            self._line += newlines
            self._column = used - self._buffer.rfind("\n", 0, used)
        else:
            self._column += used
        rest = self._buffer[used:]
        self._position = self._start = 0
        if len(rest) > MAX_ELEMENT:
            self._buffer = rest
            self._fail(f"a task of more than {MAX_ELEMENT:,} characters")
        parts = [rest]
        wanted = max(READ_SIZE, min(len(rest), MAX_ELEMENT - len(rest)))
        gained = 0
        while (wanted > 0 or not gained) and not self._ended:
            chunk = self._stream.read(READ_SIZE)
            text = self._decoded(chunk)
            parts.append(text)
            gained += len(text)
            wanted -= len(chunk)
            self._bytes += len(chunk)
            self._ended = not chunk
        self._buffer = "".join(parts)
        self._escapes = _SURROGATE_ESCAPE.search(self._buffer) is not None
        return gained > 0

    def _decoded(self, chunk: bytes) -> str:
        if not self._bytes and chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise InputError("this file is UTF-16", where=self._where, hint="save it as UTF-8")
        pending = len(self._decode.getstate()[0])
        try:
            return self._decode.decode(chunk, final=not chunk)
        except UnicodeDecodeError as problem:
            offset = self._bytes - pending + problem.start
            raise InputError(
                f"this file is not UTF-8 (byte {offset})", where=self._where, hint="save it as UTF-8"
            ) from None

    def _fail(self, message: str, position: int | None = None, *, hint: str | None = None) -> NoReturn:
        offset = self._position if position is None else position
        newlines = self._buffer.count("\n", 0, offset)
        column = offset - self._buffer.rfind("\n", 0, offset) if newlines else self._column + offset
        element = f", task /{self.index}" if self.index >= 0 else ""
        where = f"{self._where}{element}, line {self._line + newlines}, column {column}"
        raise InputError(message, where=where, hint=hint) from None
