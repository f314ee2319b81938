"""The start tags of an XML file, and where each stands in the source text, so that it can be edited.

Expat parses the file and reports the byte offset of every start tag; within a tag, the attributes are found again
by a pattern. The XML is untrusted: a DOCTYPE is refused before the parser sees it, so there are no entities
to expand, and nothing is fetched.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat
from xml.parsers.expat import errors

from alabtrain.core.errors import InputError

MAX_BYTES = 16 << 20
MAX_DEPTH = 100
MAX_TAGS = 100_000
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDE_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
# What may be declared: each keeps ASCII as it is, so that the declaration was read right. Not UTF-7, EBCDIC.
_CODECS = frozenset(
    ["ascii", "utf-8", "gb18030", "gbk", "gb2312", "big5", "euc_jp", "euc_kr", "koi8-r", "koi8-u", "mac-roman"]
    + [f"cp125{n}" for n in range(9)]
    + [f"iso8859-{n}" for n in range(1, 17) if n != 12]
)
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_BEFORE_DOCTYPE = re.compile(r"[\s\ufeff]+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_NAME = re.compile(r"""[^\s/>=<"'&!?]+""")
_ATTRIBUTE = re.compile(r"""\s+([^\s/>=<"'&!?]+)\s*=\s*(?:"([^<"]*)"|'([^<']*)')""")
_SEPARATOR = "\x01"  # between namespace and name; XML allows it nowhere
_ENCODING_HINT = "save the file as UTF-8"
# Expat's own messages are for programmers.
_FAULTS = {
    errors.XML_ERROR_TAG_MISMATCH: "a tag is closed by one with another name",
    errors.XML_ERROR_UNCLOSED_TOKEN: "a tag or a comment that does not end",
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION: "a CDATA section that does not end",
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "there is something after the end of the root element",
    errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "a tag has the same attribute twice",
    errors.XML_ERROR_UNDEFINED_ENTITY: "an entity that XML does not know (write & as &amp;)",
    errors.XML_ERROR_BAD_CHAR_REF: "a character reference that XML does not allow",
    errors.XML_ERROR_UNBOUND_PREFIX: "a prefix that is bound to no namespace",
    errors.XML_ERROR_INVALID_TOKEN: "a bare & or < (write them as &amp; and &lt;),"
    ' or an attribute that is not written name="value"',
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute in the source: `start` to `end` is its raw value between the quotes, in code points.

    `before` is the offset of the whitespace before its name.
    """

    name: str
    before: int
    start: int
    end: int

    @property
    def after(self) -> int:
        """The offset after the closing quote."""
        return self.end + 1


@dataclass(frozen=True, slots=True, eq=False)
class StartTag:
    """One start tag (or empty-element tag): what it says, and where that stands in the source.

    `name` is its name with the prefix, `local` without; `values` are its attributes as XML reads them, `parent` is
    the tag around it. `attributes` are their offsets, `name_end` the offset after the name, in code points.
    """

    name: str
    local: str
    line: int
    values: Mapping[str, str]
    parent: StartTag | None
    name_end: int
    attributes: tuple[Attribute, ...]

    def value(self, name: str) -> str:
        """Return what the attribute of that name says, "" if the tag has none."""
        return self.values.get(name, "")

    def attribute(self, name: str) -> Attribute | None:
        """Return the offsets of the attribute with that name, if the tag has it."""
        return next((a for a in self.attributes if a.name == name), None)


@dataclass(frozen=True, slots=True)
class Markup:
    """An XML source, decoded: `bom` and `text` in `codec` are the file's bytes; `tags` in text order, never none."""

    text: str
    codec: str
    bom: bytes
    tags: tuple[StartTag, ...]

    def encode(self, text: str) -> bytes:
        """Return `text` as the bytes of a file that is written like this one."""
        return self.bom + text.encode(self.codec)


def read_markup(source: bytes, *, where: str, encoding: str | None = None) -> Markup:
    """Decode and parse an XML source; `encoding` beats what the source declares.

    Raises `InputError` with the line for a DOCTYPE, for an encoding that is unknown or not kept, and where the XML is
    not well-formed.
    """
    if len(source) > MAX_BYTES:
        raise InputError(f"more than {MAX_BYTES >> 20} MiB: this is no labeling config", where=where)
    bom, codec = _find_encoding(source, where, encoding)
    body = source[len(bom) :]
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as problem:
        line = body[: problem.start].count(b"\n") + 1
        _refuse(f"bytes that are not {codec.upper()}", where, line, _ENCODING_HINT)
    if text.encode(codec) != body:
        _refuse(f"{codec.upper()} written in an unusual way", where, 1, _ENCODING_HINT)
    _require_no_doctype(text, where)
    return Markup(text, codec, bom, _Parser(text, where).parse())


def _find_encoding(source: bytes, where: str, given: str | None) -> tuple[bytes, str]:
    if source.startswith(_WIDE_BOMS):
        raise InputError("the encoding is UTF-32", where=where, hint=_ENCODING_HINT)
    bom, codec = next(((b, c) for b, c in _BOMS if source.startswith(b)), (b"", ""))
    if given or codec:
        return bom, given or codec
    declared = _DECLARED.match(source)
    if declared is None:
        if source[:2] in (b"<\0", b"\0<"):
            return b"", "utf-16-le" if source[0] else "utf-16-be"
        return b"", "utf-8"
    try:
        name = codecs.lookup(declared[1].decode("ascii")).name
    except LookupError:
        name = ""
    if name in ("utf-16", "utf-16-le", "utf-16-be"):
        # The declaration itself is readable as ASCII, so the file is not UTF-16, whatever it says.
        name = "utf-8"
    if name not in _CODECS:
        raise InputError("the declared encoding is not supported", where=f"{where}, line 1", hint=_ENCODING_HINT)
    return b"", name


def _require_no_doctype(text: str, where: str) -> None:
    """Raise `InputError` for a DOCTYPE where XML has one: behind comments and instructions, before the root."""
    position = 0
    while skipped := _BEFORE_DOCTYPE.match(text, position):
        position = skipped.end()
    if text.startswith("<!DOCTYPE", position):
        line = len(re.findall(r"\r\n|\r|\n", text[:position])) + 1
        _refuse_doctype(where, line)


class _Parser:
    """Collects the start tags of a text that has no DOCTYPE."""

    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        self._data = text.encode()
        # What the file declares is true of its bytes, not of these.
        self._expat = expat.ParserCreate("utf-8", _SEPARATOR)
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.StartCdataSectionHandler = self._cdata
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._tags: list[StartTag] = []
        self._open: list[StartTag] = []
        self._byte = self._position = 0  # of the last start tag, in bytes and in code points
        self._cdata_line = 1

    def parse(self) -> tuple[StartTag, ...]:
        """Return the tags in text order; raises `InputError` with the line where the XML is not well-formed."""
        try:
            self._expat.Parse(self._data, True)
        except expat.ExpatError as problem:
            # Expat names the end of the file there.
            in_cdata = expat.ErrorString(problem.code) == errors.XML_ERROR_UNCLOSED_CDATA_SECTION
            line = self._cdata_line if in_cdata else problem.lineno
            _refuse(f"this is not well-formed XML: {self._fault(problem.code)}", self._where, line)
        return tuple(self._tags)

    def _start(self, name: str, values: dict[str, str]) -> None:
        line = self._expat.CurrentLineNumber
        if len(self._tags) == MAX_TAGS:
            _refuse(f"more than {MAX_TAGS} tags: this is no labeling config", self._where, line)
        if len(self._open) == MAX_DEPTH:
            _refuse(f"more than {MAX_DEPTH} tags inside each other", self._where, line)
        byte = self._expat.CurrentByteIndex
        self._position += len(self._data[self._byte : byte].decode())
        self._byte = byte
        written, name_end, attributes = _attributes_at(self._text, self._position)
        if len(values) != sum(a.name != "xmlns" and not a.name.startswith("xmlns:") for a in attributes):
            raise InputError("this XML is written in a way that is not supported", where=f"{self._where}, line {line}")
        local = name.rpartition(_SEPARATOR)[2]
        parent = self._open[-1] if self._open else None
        tag = StartTag(written, local, line, values, parent, name_end, attributes)
        self._tags.append(tag)
        self._open.append(tag)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _cdata(self) -> None:
        self._cdata_line = self._expat.CurrentLineNumber

    def _doctype(self, *_: object) -> None:
        _refuse_doctype(self._where, self._expat.CurrentLineNumber)

    def _fault(self, code: int) -> str:
        message = expat.ErrorString(code)
        if message == errors.XML_ERROR_NO_ELEMENTS:
            return "a tag is not closed" if self._tags else "there is no element in it"
        offset = self._expat.ErrorByteIndex
        if message == errors.XML_ERROR_INVALID_TOKEN and b"" < self._data[offset : offset + 1] < b" ":
            return "a character that XML does not allow"
        return _FAULTS.get(message, "the tags do not fit together")


def _attributes_at(text: str, start: int) -> tuple[str, int, tuple[Attribute, ...]]:
    """Return the name, the offset after it, and the attributes of the well-formed start tag at `start`."""
    name = _NAME.match(text, start + 1)
    if name is None:
        return "", start, ()
    position = name.end()
    attributes: list[Attribute] = []
    while found := _ATTRIBUTE.match(text, position):
        group = 2 if found[2] is not None else 3
        attributes.append(Attribute(found[1], found.start(), found.start(group), found.end(group)))
        position = found.end()
    return name[0], name.end(), tuple(attributes)


def _refuse_doctype(where: str, line: int) -> NoReturn:
    message = "a DOCTYPE, which is refused: entities can be used to attack the reader"
    _refuse(message, where, line, "remove it; a labeling config needs none")


def _refuse(message: str, where: str, line: int, hint: str | None = None) -> NoReturn:
    raise InputError(message, where=f"{where}, line {line}", hint=hint or "correct the labeling config there") from None
