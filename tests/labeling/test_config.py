from __future__ import annotations

from pathlib import Path

import pytest

from alabtrain.core.errors import InputError
from alabtrain.labeling.config import parse_config
from alabtrain.labeling.rules import validate
from alabtrain.trainers.registry import types_in
from tests.support import builders as b

NESTED = b"""<View orientation="horizontal">
  <!-- <Label value="Ghost"/> -->
  <View style="x > y">\r
    <Labels name="label_474" toName="note">\r
      <View>
        <Label value="VS Finding" model='ner_jsl'
               background="#2097aa" hotkey="v"/>
      </View>
      <Label value="Absent" assertion="true" model="assertion_jsl"/>
      <Label value="R&amp;D" alias="Research"/>
    </Labels>
  </View>
  <Filter name="filter" toName="label_474" minlength="1"/>
  <Choices name="age" toName="note" choice="multiple" showInLine="true">
    <View><Header value="Pick"/><Choice value="Adult"/></View>
    <Choice value="Child" model="m_child"/>
  </Choices>
  <Choices name="Zone" toName="note" perRegion="true"><Choice value="a"/></Choices>
  <Relations><Relation value="causes" allowed="A>B" model="re_x"/></Relations>
  <Text name="note" value="$body"/>
</View>
"""


def codes(source: bytes) -> list[str]:
    return [finding.code for finding in validate(parse_config(source, where="c.xml"))]


def view(inside: str) -> bytes:
    return f'<View><Text name="text" value="$text"/>{inside}</View>'.encode()


def labels(*attributes: str) -> bytes:
    made = "\n".join(f"<Label {text}/>" for text in attributes)
    return view(f'\n<Labels name="label" toName="text">\n{made}\n</Labels>')


def test_everything_is_read_where_it_stands() -> None:
    config = parse_config(NESTED, where="c.xml")
    finding, absent, alias = config.labels
    assert (finding.name, finding.model, finding.group, finding.to_name) == (
        "VS Finding",
        "ner_jsl",
        "label_474",
        "note",
    )
    assert (finding.line, absent.line, alias.line) == (6, 9, 10)
    assert (finding.background, absent.assertion, alias.name) == ("#2097aa", True, "Research")
    assert [label.name for label in config.ner_labels] == ["VS Finding", "Research"]
    age, zone = config.choices
    assert (age.name, age.mode, age.choices, age.models) == (
        "age",
        "multiple",
        ("Adult", "Child"),
        ("m_child",),
    )
    assert zone.per_region
    assert zone.mode == "single"
    assert config.relations[0].allowed == "A>B"
    assert config.text_key == "body"
    assert types_in(config) == ("ner", "assertion", "classification")
    assert config.models == ("ner_jsl", "assertion_jsl", "m_child", "re_x")
    assert config.usable_choices == (age,)
    assert validate(config) == []


def test_visual_projects_have_box_labels() -> None:
    config = parse_config(
        b'<View visualNER="true"><RectangleLabels name="l" toName="i"><Label value="KEY"/></RectangleLabels>'
        b'<Image name="i" value="$image"/></View>',
        where="c.xml",
    )
    assert types_in(config) == ("visual_ner",)
    assert config.labels == ()
    assert config.images[0].key == "image"


def test_the_config_of_the_other_tests() -> None:
    config = parse_config(b.CONFIG.encode(), where="c.xml")
    assert types_in(config) == ("ner", "assertion", "classification")
    assert [label.name for label in config.assertion_labels] == ["Absent"]
    assert [group.train for group in config.usable_choices] == [True]


@pytest.mark.parametrize(
    "source",
    [
        "﻿<View/>".encode(),
        "<View/>".encode("utf-16"),
        b'<?xml version="1.0" encoding="ISO-8859-1"?><View><Header value="\xe9"/></View>',
        b"<?xml version='1.0' encoding='windows-1252'?><View><Header value='\x80'/></View>",
        b'<?xml version="1.0" encoding="UTF-16"?><View/>',
        b"\r\n <View />\r\n",
    ],
)
def test_encodings_that_are_read(source: bytes) -> None:
    assert parse_config(source, where="c.xml").labels == ()


def test_label_names_in_a_declared_encoding() -> None:
    source = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + labels('value="Fièvre"').decode().encode("latin-1")
    assert parse_config(source, where="c.xml").labels[0].name == "Fièvre"
    inside_json = source.decode("latin-1").encode()
    assert parse_config(inside_json, where="c.xml", encoding="utf-8").labels[0].name == "Fièvre"


@pytest.mark.parametrize(
    ("source", "code", "line"),
    [
        (view(""), "no_control_tag", None),
        (labels('value="A"', 'background="red"'), "no_value", 4),
        (labels('value="A"', 'value="  "'), "no_value", 4),
        (view('<Labels toName="text"><Label value="A"/></Labels>'), "no_name", 1),
        (view('\n<Labels name="text" toName="text"><Label value="A"/></Labels>'), "duplicate_name", 2),
        (view('<Labels name="l" toName="txt"><Label value="A"/></Labels>'), "unknown_target", 1),
        (view('<Labels name="l"><Label value="A"/></Labels>'), "unknown_target", 1),
        (labels('value="A"', 'value="A"'), "duplicate_label", 4),
        (labels('value="A"', 'value="A" assertion="true"'), "label_of_two_kinds", 4),
        (labels('value="Drug"', 'value="drug "'), "similar_label", 3),
        (labels('value="VS_Finding"', 'value="VS Finding"'), "similar_label", 3),
        (labels('value=" Drug"'), "similar_label", 3),
        (labels('value="Absent" assertion="true"'), "assertion_without_ner_label", 3),
        (
            labels('value="A" model="m"', 'value="B" model="m" assertion="true"'),
            "ner_model_on_assertion_label",
            4,
        ),
        (
            labels('value="A" model="n"', 'value="B" model="NER_clinical" assertion="true"'),
            "ner_model_on_assertion_label",
            4,
        ),
        (labels('value="A" model="assertion_jsl"'), "assertion_model_on_ner_label", 3),
        (
            labels('value="A" model="assertion_x.model"', 'value="B" model="assertion_x.model" assertion="true"'),
            "assertion_model_on_ner_label",
            3,
        ),
        (
            view(
                '<RectangleLabels name="b" toName="i">\n<Label value="A" model="assertion_x"/></RectangleLabels>'
                '<Image name="i" value="$image"/>'
            ),
            "assertion_model_on_ner_label",
            2,
        ),
        (
            labels(
                'value="A" model="n"',
                'value="B" model="x" assertion="true"',
                'value="C" model="y" assertion="true"',
            ),
            "several_assertion_models",
            4,
        ),
        (
            labels('value="A"', 'value="B" model="x" assertion="true"'),
            "assertion_model_without_ner_model",
            4,
        ),
        (
            labels('value="A" model="assertion_y"', 'value="B" model="x" assertion="true"'),
            "several_assertion_models",
            3,
        ),
        (
            labels('value="A" model="assertion_x"', 'value="B" model="assertion_x" assertion="true"'),
            "assertion_model_without_ner_model",
            3,
        ),
        (labels(*(f'value="L{n}" model="m{n}"' for n in range(6))), "too_many_models", None),
        (view('<Choices name="c" toName="text"/>'), "no_choice", 1),
        (
            view('<Choices name="c" toName="text"><Choice value="a"/><Choice value="a"/></Choices>'),
            "duplicate_choice",
            1,
        ),
        (
            view(
                '<Choices name="c" toName="text" train="true"><Choice value="a"/></Choices>\n'
                '<Choices name="b" toName="text" train="True"><Choice value="a"/></Choices>'
            ),
            "several_trained_choices",
            2,
        ),
        (
            view('<Choices name="c" toName="text" perRegion="true" train="true"><Choice value="a"/></Choices>'),
            "trained_choices_per_region",
            1,
        ),
    ],
)
def test_what_is_wrong_is_found_with_its_line(source: bytes, code: str, line: int | None) -> None:
    findings = {finding.code: finding for finding in validate(parse_config(source, where="c.xml"))}
    assert code in findings
    if line is not None:
        assert f"(line {line})" in findings[code].examples[0]


def test_rules_that_must_not_fire() -> None:
    assert codes(labels('value="A"', 'value="B" model="m" assertion="true"', 'value="C" model="n"')) == []
    assert codes(labels(*(f'value="Kind{n}" model="m{n % 5}"' for n in range(9)))) == []
    assert codes(view('<Choices name="c" toName="text" value="$options"/>')) == []
    two_targets = '<HyperText name="h" value="$html"/><Labels name="l" toName="text,h"><Label value="A"/></Labels>'
    assert codes(view(two_targets)) == []


def test_a_model_on_the_wrong_kind_is_told_once() -> None:
    on_assertion = labels('value="A" model="m"', 'value="B" model="m" assertion="true"')
    assert codes(on_assertion) == ["ner_model_on_assertion_label"]
    by_name = labels('value="A" model="ner_a"', 'value="B" model="ner_b" assertion="true"')
    assert codes(by_name) == ["ner_model_on_assertion_label"]
    marked = labels('value="A" model="ner_a"', 'value="B" model="assertion_b" assertion="true"', 'value="C"')
    assert codes(marked) == []


def test_one_group_of_choices_is_trained() -> None:
    group = '<Choices name="{}" toName="text" {}><Choice value="a"/></Choices>'
    two = view(group.format("b", 'train="true"') + group.format("a", 'train="true"'))
    finding = validate(parse_config(two, where="c.xml"))[0]
    assert (finding.code, finding.severity, finding.count) == ("several_trained_choices", "error", 2)
    # One that is asked per region is no second one.
    one = view(group.format("b", 'train="true"') + group.format("a", 'train="true" perRegion="true"'))
    assert codes(one) == ["trained_choices_per_region"]
    nameless = parse_config(view('<Choices toName="text"><Choice value="a"/></Choices>'), where="c.xml")
    assert types_in(nameless) == ()


def test_examples_are_cut() -> None:
    long = "x" * 5000
    finding = validate(parse_config(labels(f'value="{long}"', f'value="{long}"'), where="c.xml"))[0]
    assert len(finding.examples[0]) < 100
    models = labels(*(f'value="L{n}" model="{n}{long}"' for n in range(6)))
    assert all(len(example) < 100 for example in validate(parse_config(models, where="c.xml"))[-1].examples)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b"", 1),
        (b"<View>\n<Labels>\n</View>", 3),
        (b"<View>\n<Label value=unquoted/></View>", 2),
        (b"<View>\r\n\r\n<Label value='a' value='b'/></View>", 3),
        (b"<View>\r\r<Text name='a&b'/></View>", 3),
        (b"<View>\n<!-- never closed </View>", 2),
        (b"<View/>\n<View/>", 2),
        (b"<View>\n\xff</View>", 2),
        (b"<html>\n<body/></html>", 1),
    ],
)
def test_what_is_not_a_labeling_config_names_its_line(source: bytes, line: int) -> None:
    with pytest.raises(InputError) as caught:
        parse_config(source, where="c.xml")
    assert caught.value.where == f"c.xml, line {line}"
    assert caught.value.hint


def test_messages_do_not_quote_the_file() -> None:
    for source in (
        b"<View><Secret></View>",
        b"<Secret/>",
        b"<View a='&Secret;'/>",
        b"<View><a Secret/></View>",
    ):
        with pytest.raises(InputError) as caught:
            parse_config(source, where="c.xml")
        assert "Secret" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_real_configs_are_read_and_have_no_errors(shared_data: Path) -> None:
    files = sorted((shared_data / "exports").glob("*.xml"))
    assert files
    for file in files:
        config = parse_config(file.read_bytes(), where=file.name)
        assert types_in(config), file.name
        assert not [finding for finding in validate(config) if finding.severity == "error"], file.name
