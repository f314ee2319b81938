"""The source text of an XML file, start tag by start tag: where each stands, so that it can be edited.

A parser forgets how the source was written. This scanner remembers it, and `parse` checks that both saw the
same elements. The XML is untrusted: a DOCTYPE is refused before any parser sees it, nothing is fetched.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import NoReturn

from lxml import etree

from alabtrain.core.errors import InputError

MAX_BYTES = 16 << 20
MAX_DEPTH = 100
MAX_TAGS = 100_000
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDE_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
# What may be declared; each keeps ASCII as it is. Others (UTF-7, EBCDIC) would hide a tag from the scanner.
_CODECS = frozenset(
    [
        "ascii",
        "utf-8",
        "gb18030",
        "gbk",
        "gb2312",
        "big5",
        "euc_jp",
        "euc_kr",
        "koi8-r",
        "koi8-u",
        "mac-roman",
    ]
    + [f"cp125{n}" for n in range(9)]
    + [f"iso8859-{n}" for n in range(1, 17) if n != 12]
)
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_NAME = re.compile(r"""[^\s/>=<"'&!?]+""")
_ATTRIBUTE = re.compile(r"""\s+([^\s/>=<"'&!?]+)\s*=\s*(?:"([^<"]*)"|'([^<']*)')""")
_TAG_END = re.compile(r"\s*(/?)>")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SKIPPED = (
    ("<!--", "-->", "comment"),
    ("<![CDATA[", "]]>", "CDATA section"),
    ("<?", "?>", "processing instruction"),
)
_ENCODING_HINT = "save the file as UTF-8"
# By the names of libxml2: its own messages may quote the file.
_FAULTS = {
    "ERR_TAG_NAME_MISMATCH": "a tag is closed by one with another name",
    "ERR_TAG_NOT_FINISHED": "a tag is not closed",
    "ERR_DOCUMENT_EMPTY": "there is no element in it",
    "ERR_DOCUMENT_END": "there is something after the end of the root element",
    "ERR_ATTRIBUTE_REDEFINED": "a tag has the same attribute twice",
    "ERR_UNDECLARED_ENTITY": "an entity that XML does not know (write & as &amp;)",
    "ERR_ENTITYREF_SEMICOL_MISSING": "a bare & (write it as &amp;)",
    "ERR_NAME_REQUIRED": "a bare & or < (write them as &amp; and &lt;)",
    "ERR_INVALID_CHAR": "a character that XML does not allow",
    "ERR_INVALID_CHARREF": "a character reference that XML does not allow",
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute in the source: `start` to `end` is its raw value between the quotes, in code points."""

    name: str
    start: int
    end: int

    @property
    def after(self) -> int:
        """The place behind the closing quote."""
        return self.end + 1


@dataclass(frozen=True, slots=True)
class StartTag:
    """One start tag (or empty-element tag) in the source: `name_end` is the place behind its name."""

    name: str
    name_end: int
    line: int
    attributes: tuple[Attribute, ...]

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of that name, if the tag has it."""
        return next((a for a in self.attributes if a.name == name), None)


@dataclass(frozen=True, slots=True)
class Markup:
    """An XML source, decoded: `bom` and `text` in `codec` are the file's bytes; `tags` in text order."""

    text: str
    codec: str
    bom: bytes
    tags: tuple[StartTag, ...]

    def encode(self, text: str) -> bytes:
        """Return `text` as the bytes of a file that is written like this one."""
        return self.bom + text.encode(self.codec)


def read_markup(source: bytes, *, where: str, encoding: str | None = None) -> Markup:
    """Decode and scan an XML source; `encoding` beats what the source declares.

    Raises `InputError` with the line for a DOCTYPE, for an encoding that is unknown or not kept, and for tags
    that do not end.
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
    if "\0" in text:
        _refuse("a NUL byte", where, _line(text, text.index("\0")))
    if text.encode(codec) != body:
        _refuse(f"{codec.upper()} written in an unusual way", where, 1, _ENCODING_HINT)
    return Markup(text, codec, bom, _scan(text, where))


def parse(markup: Markup, *, where: str) -> list[etree._Element]:
    """Return the elements in document order: element n is that of start tag n.

    Raises `InputError` with the line where the XML is not well-formed.
    """
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        strip_cdata=False,
    )
    # As XML itself reads line ends; libxml2 does not count a CR alone as a line.
    text = _LINE_END.sub("\n", markup.text)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as problem:
        name = getattr(getattr(problem.error_log, "last_error", None), "type_name", "")
        fault = _FAULTS.get(name, "the tags do not fit together")
        _refuse(f"this is not well-formed XML: {fault}", where, problem.lineno or 1)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    same = [_qualified(element) for element in elements] == [tag.name for tag in markup.tags]
    if root.getroottree().docinfo.internalDTD or not same:
        raise InputError("this XML is written in a way that is not supported", where=where)
    return elements


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


def _scan(text: str, where: str) -> tuple[StartTag, ...]:
    tags: list[StartTag] = []
    lines = _Lines(text)
    depth = 0
    position = text.find("<")
    while position >= 0:
        skipped = next((s for s in _SKIPPED if text.startswith(s[0], position)), None)
        if skipped:
            opening, closing, what = skipped
            end = text.find(closing, position + len(opening))
            if end < 0:
                _refuse(f"a {what} that does not end", where, lines.at(position))
            position = text.find("<", end + len(closing))
        elif text.startswith("<!", position):
            _refuse("a DOCTYPE, which is refused: entities can be used to attack the reader", where,
                    lines.at(position), "remove it; a labeling config needs none")  # fmt: skip
        elif text.startswith("</", position):
            depth -= 1
            position = text.find("<", position + 2)
        else:
            tag, end, empty = _scan_tag(text, position, lines.at(position), where)
            tags.append(tag)
            if len(tags) > MAX_TAGS:
                _refuse(f"more than {MAX_TAGS} tags: this is no labeling config", where, tag.line)
            depth += not empty
            if depth > MAX_DEPTH:
                _refuse(f"more than {MAX_DEPTH} tags inside each other", where, tag.line)
            position = text.find("<", end)
    return tuple(tags)


def _scan_tag(text: str, start: int, line: int, where: str) -> tuple[StartTag, int, bool]:
    name = _NAME.match(text, start + 1)
    if name is None:
        _refuse("a < that begins no tag (write it as &lt;)", where, line)
    position = name.end()
    attributes: list[Attribute] = []
    while found := _ATTRIBUTE.match(text, position):
        group = 2 if found[2] is not None else 3
        attributes.append(Attribute(found[1], found.start(group), found.end(group)))
        position = found.end()
    end = _TAG_END.match(text, position)
    if end is None:
        _refuse('a tag that does not end, or an attribute that is not written name="value"', where, line)
    return StartTag(name[0], name.end(), line, tuple(attributes)), end.end(), bool(end[1])


class _Lines:
    """Line numbers of places that are asked for in rising order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1

    def at(self, position: int) -> int:
        self._line += len(_LINE_END.findall(self._text, self._position, position))
        self._position = position
        return self._line


def _line(text: str, position: int) -> int:
    return _Lines(text).at(position)


def _qualified(element: etree._Element) -> str:
    name = etree.QName(element).localname
    return f"{element.prefix}:{name}" if element.prefix else name


def _refuse(message: str, where: str, line: int, hint: str | None = None) -> NoReturn:
    raise InputError(message, where=f"{where}, line {line}", hint=hint or "correct the labeling config there") from None
