from __future__ import annotations

import html
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.core.errors import InputError
from alabtrain.labeling.markup import read_markup

NAMES = ["View", "Label", "Étiquette", "標籤", "a.b-c_1"]
TEXTS = st.text(st.sampled_from("ab> é😀\n\t\r\"'/="), max_size=6)
BETWEEN = st.sampled_from(["", "\r\n", "\r", "text é😀", "<!-- <a b='c'/> -->", "<![CDATA[<a b='c'>]]>", "<?pi <a>?>"])
BLANKS = st.sampled_from([" ", "\n", "\r\n\t", "  "])


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    name = draw(st.sampled_from(NAMES))
    source = f"<{name}"
    for key in draw(st.lists(st.sampled_from([*NAMES, "xmlns", "xml:lang"]), unique=True, max_size=4)):
        quote = draw(st.sampled_from("\"'"))
        value = html.escape(draw(TEXTS)).replace("\r", "&#13;").replace("\n", draw(st.sampled_from(["&#10;", "\n"])))
        gap = draw(BLANKS)
        source += f"{gap}{key}{draw(st.sampled_from(['=', ' = ']))}{quote}{value}{quote}"
    if not depth or draw(st.booleans()):
        return f"{source}{draw(st.sampled_from(['/>', ' />']))}"
    inside = [draw(BETWEEN) + draw(elements(depth - 1)) for _ in range(draw(st.integers(0, 3)))]
    return f"{source}\n>{''.join(inside)}{draw(BETWEEN)}</{name} >"


def read(source: str) -> list[tuple[str, dict[str, str]]]:
    return [(tag.name, dict(tag.values)) for tag in read_markup(source.encode(), where="c.xml").tags]


@given(elements(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_every_attribute_is_found_where_it_stands(source: str, codec: str) -> None:
    markup = read_markup(source.encode(codec), where="c.xml")
    assert markup.text == source
    assert markup.encode(markup.text) == source.encode(codec)
    for tag in markup.tags:
        assert source[: tag.name_end].endswith(f"<{tag.name}")
        assert tag.line == len(re.findall(r"\r\n|\r|\n", source[: tag.name_end])) + 1
        raw = {a.name: source[a.start : a.end] for a in tag.attributes if a.name not in ("xmlns", "xml:lang")}
        named = {name: value for name, value in tag.values.items() if not name.endswith("\x01lang")}
        # XML reads a line end in a value as a blank, and one that is written as a reference as itself.
        assert {name: html.unescape(re.sub("[\n\t]", " ", value)) for name, value in raw.items()} == named
        for there in tag.attributes:
            quote = source[there.start - 1]
            assert quote in "\"'"
            assert source[there.after - 1] == quote
            assert source[there.before : there.after].lstrip().startswith(there.name)


@given(elements())
def test_the_tags_are_those_that_elementtree_sees(source: str) -> None:
    root = ElementTree.fromstring(source)  # noqa: S314 - made above
    expected = [element.tag.rpartition("}")[2] for element in root.iter()]
    markup = read_markup(source.encode(), where="c.xml")
    assert [tag.local for tag in markup.tags] == expected
    parents = {id(child): parent for parent in root.iter() for child in parent}
    for tag, element in zip(markup.tags, root.iter(), strict=True):
        around = parents.get(id(element))
        assert (tag.parent.local if tag.parent else None) == (
            around.tag.rpartition("}")[2] if around is not None else None
        )


def test_names_have_their_prefix_and_values_have_not() -> None:
    source = '<x:View xmlns:x="urn:a b" x:name="theirs" name="ours"><x:Label value="A"/></x:View>'
    view, label = read_markup(source.encode(), where="c.xml").tags
    assert (view.name, view.local, view.value("name")) == ("x:View", "View", "ours")
    assert (label.name, label.local, label.parent) == ("x:Label", "Label", view)
    assert [a.name for a in view.attributes] == ["xmlns:x", "x:name", "name"]


@pytest.mark.parametrize(
    "before", ["", "\n", "<!-- <!DOCTYPE a> -->\r\n", '<?xml version="1.0"?><?pi <x ?>\n<!----> ', "\ufeff"]
)
def test_a_doctype_is_refused_wherever_xml_allows_one(before: str) -> None:
    with pytest.raises(InputError, match="DOCTYPE") as caught:
        read(before + "<!DOCTYPE View [<!ENTITY a 'b'>]><View/>")
    assert caught.value.where == f"c.xml, line {before.count(chr(10)) + 1}"


def test_what_only_looks_like_a_doctype_is_none() -> None:
    source = "<!-- <!DOCTYPE a> --><?pi <!DOCTYPE a>?><View a='>!DOCTYPE b>'><![CDATA[<!DOCTYPE a>]]></View>"
    assert read(source) == [("View", {"a": ">!DOCTYPE b>"})]


@pytest.mark.parametrize(
    ("source", "fault", "line"),
    [
        ("<View>\n<![CDATA[ \n\n", "CDATA section that does not end", 2),
        ("<View>\n<a>\n", "a tag is not closed", 3),
        ("<View>\n<a \n", "a tag or a comment that does not end", 2),
        ("<View a='\x08'/>", "a character that XML does not allow", 1),
        ("<View>\n\0</View>", "a character that XML does not allow", 2),
        ("<View>\n<x:a/></View>", "prefix", 2),
        ("<View>\n&#0;</View>", "character reference", 2),
        ("<View>\nthis & that</View>", "a bare &", 2),
        (" \n", "there is no element", 2),
    ],
)
def test_a_fault_is_named_with_its_line(source: str, fault: str, line: int) -> None:
    with pytest.raises(InputError, match=fault) as caught:
        read(source)
    assert caught.value.where == f"c.xml, line {line}"
