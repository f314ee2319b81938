from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alabtrain.core.errors import AlabtrainError, InputError, UsageError
from alabtrain.labeling import patch as patching
from alabtrain.labeling.choices import choose_choices
from alabtrain.labeling.config import LabelingConfig, parse_config
from alabtrain.labeling.markup import read_markup
from alabtrain.labeling.patch import TrainedModel, patch, plan, unified_diff
from tests.support import builders as b

NER = TrainedModel("spans", "ner_notes", ("Symptom", "Remedy"))
ASSERTION = TrainedModel("statuses", "assertion_jsl_annotation_manual", ("Absent",))
CLASSES = TrainedModel("choices", "classification_mood_annotation_manual", ("mood",))


def config(source: bytes | str) -> LabelingConfig:
    return parse_config(source.encode() if isinstance(source, str) else source, where="c.xml")


def models(read: LabelingConfig) -> list[TrainedModel]:
    """Return one model for everything that the config allows."""
    found = []
    if read.ner_labels:
        found.append(TrainedModel("spans", "ner_new", tuple({label.name for label in read.ner_labels})))
    if read.assertion_labels:
        found.append(TrainedModel("statuses", "assertion_new", tuple({x.name for x in read.assertion_labels})))
    if read.rectangle_labels:
        found.append(TrainedModel("boxes", "visual_new", tuple({x.name for x in read.rectangle_labels})))
    chosen = choose_choices(read)
    if chosen:
        found.append(TrainedModel("choices", "class_new", (chosen.group.name,)))
    return found


def test_the_spelling_of_the_product() -> None:
    after = patch(config(b.CONFIG), [NER, ASSERTION, CLASSES]).decode()
    assert after == (
        b.CONFIG.replace('value="Symptom"', 'value="Symptom" model="ner_notes"')
        .replace('value="Remedy"', 'value="Remedy" model="ner_notes"')
        .replace('value="Absent"', 'value="Absent" model="assertion_jsl_annotation_manual.model"')
        .replace('<Choices name="mood"', '<Choices name="mood" model="classification_mood_annotation_manual"')
    )


def test_only_trained_labels_get_the_model() -> None:
    source = b.CONFIG.replace('value="Remedy"', 'value="Remedy" model="ner_clinical"')
    after = config(patch(config(source), [TrainedModel("spans", "ner_notes", ("Symptom",))]))
    assert [label.model for label in after.labels] == ["ner_notes", "ner_clinical", None]


def test_what_looks_like_a_tag_and_is_none() -> None:
    source = (
        "<?xml version='1.0'?>\r\n<!-- <Label value='A'/> > -->\r\n<?pi <Label value='A'/> ?>\r\n"
        "<View>\t<Labels name='l' toName='t'><![CDATA[<Label value='A'/>]]>"
        "<Label\r\n\tbackground='a > b' hotkey = \"it's\"\n value\t=\n'A'\r\n/>\r\n"
        '<Label value="&#65;B &quot;C&quot; &lt;"   model = \'old &amp; "odd"\'></Label>'
        "<Labelled value='A'/></Labels>\n<Text name='t' value='$text'/></View>\n<!-- end -->\n\n"
    )
    after = patch(config(source), [TrainedModel("spans", "it's <new>", ("A", 'AB "C" <'))]).decode()
    assert after == source.replace("\n'A'\r\n/>", "\n'A' model='it&apos;s &lt;new&gt;'\r\n/>").replace(
        "'old &amp; \"odd\"'", "'it&apos;s &lt;new&gt;'"
    )


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_every_encoding_stays(codec: str) -> None:
    name = {"utf-8-sig": "utf-8", "utf-16": "UTF-16", "latin-1": "ISO-8859-1", "cp1252": "Windows-1252"}.get(
        codec, codec
    )
    source = f'<?xml version="1.0" encoding="{name}"?>\r\n<!-- é -->' + b.CONFIG.replace("Remedy", "Remède")
    model = TrainedModel("spans", "modèle_Ω", ("Remède",))
    after = patch(config(source.encode(codec)), [model])
    written = "modèle_Ω" if codec.startswith("utf") else "modèle_&#937;"
    assert after.decode(codec) == source.replace('"Remède"', f'"Remède" model="{written}"')
    assert after[:4] == source.encode(codec)[:4]
    assert config(after).labels[1].model == "modèle_Ω"
    assert patch(config(after), [model]) == after


@pytest.mark.parametrize(
    ("source", "model", "error"),
    [
        (b.CONFIG, TrainedModel("spans", "n", ("Absent",)), InputError),
        (b.CONFIG, TrainedModel("spans", "n", ("Symptom", "Fever")), InputError),
        (b.CONFIG, TrainedModel("spans", "n", ()), UsageError),
        (b.CONFIG, TrainedModel("statuses", "a", ("Symptom",)), InputError),
        (b.CONFIG, TrainedModel("statuses", "a", ("Absent",)), InputError),  # there is no NER model
        (b.CONFIG, TrainedModel("statuses", "a", ("Present",)), InputError),
        (b.CONFIG, TrainedModel("choices", "c", ("colour",)), InputError),
        (b.CONFIG, TrainedModel("boxes", "v", ("KEY",)), InputError),
        (b.CONFIG, TrainedModel("relations", "r", ("eases",)), UsageError),
        # The new model is the one of an assertion label already.
        (
            b.CONFIG.replace('"Absent"', '"Absent" model="n"'),
            TrainedModel("spans", "n", ("Symptom",)),
            InputError,
        ),
        # Two assertion models come to be where an NER label carried the mark's model before.
        (
            b.CONFIG.replace('"Symptom"', '"Symptom" model="a.model"'),
            TrainedModel("statuses", "a", ("Absent",)),
            InputError,
        ),
    ],
)
def test_what_is_refused(source: str, model: TrainedModel, error: type[AlabtrainError]) -> None:
    with pytest.raises(error):
        patch(config(source), [model])


def test_two_models_for_one_place_are_refused() -> None:
    for kind, labels in (("spans", ("Symptom",)), ("statuses", ("Absent",)), ("choices", ("mood",))):
        with pytest.raises(UsageError, match="two models"):
            plan(config(b.CONFIG), [TrainedModel(kind, "one", labels), TrainedModel(kind, "two", labels)])


def test_a_sixth_model_is_refused_and_a_fifth_is_not() -> None:
    labels = "".join(f'<Label value="L{n}" model="m{n}"/>' for n in range(5)) + '<Label value="New"/>'
    source = f'<View><Labels name="l" toName="t">{labels}</Labels><Text name="t" value="$text"/></View>'
    with pytest.raises(InputError) as caught:
        patch(config(source), [TrainedModel("spans", "n", ("New",))])
    assert caught.value.code == "too_many_models"
    assert config(patch(config(source), [TrainedModel("spans", "n", ("New", "L0"))])).models[0] == "n"


def test_the_refusals_name_the_line() -> None:
    with pytest.raises(InputError) as caught:
        patch(config(b.CONFIG), [TrainedModel("spans", "n", ("Absent",))])
    assert caught.value.where == "c.xml, line 5"


def test_the_diff_shows_the_changed_lines_only() -> None:
    before = b.CONFIG.replace("\n", "\r\n").encode()
    diff = unified_diff(before, patch(config(before), [CLASSES]), "config.xml")
    changed = [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert len(changed) == 2
    assert "classification_mood" in changed[1]
    assert unified_diff(before, before, "config.xml") == ""


# Random configs, written piece by piece: what the patch must do to each piece is known when it is written.

names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=8)
blanks = st.sampled_from([" ", "  ", "\t", "\n", "\r\n", " \n\t"])
values = st.text(st.sampled_from("ab <>&'\"é/=-"), max_size=6)
noise = st.sampled_from(
    [
        "",
        "\r\n",
        "<!-- <Label value='x'/> -->",
        '<![CDATA[<Label value="x"/>]]>',
        "<?pi > ?>",
        "text &amp; é",
        "<Header/>",
    ]
)


@dataclass(frozen=True)
class Piece:
    before: str
    after: str
    name: str
    assertion: bool


@st.composite
def written(draw: st.DrawFn, name: str, assertion: bool, new: str) -> Piece:
    """Write one label with attributes in any order, and the same with its model set."""
    attributes = {"value": name, "background": draw(values), "hotkey": draw(values)}
    if draw(st.booleans()):
        attributes["model"] = "old" + draw(values)
    if assertion:
        attributes["assertion"] = "true"
    order = draw(st.permutations(list(attributes)))
    equal = draw(st.sampled_from(["=", " = ", "=\n"]))
    before = after = "<Label"
    for key in order:
        gap, quoted = draw(blanks), _quoted(attributes[key], draw(st.sampled_from("\"'")))
        before += f"{gap}{key}{equal}{quoted}"
        after += f"{gap}{key}{equal}{quoted[0] + new + quoted[0] if key == 'model' else quoted}"
        if key == "value" and "model" not in attributes:
            after += f" model={quoted[0]}{new}{quoted[0]}"
    end = draw(st.sampled_from(["/>", " />", "></Label>", "\r\n></Label >"]))
    return Piece(before + end, after + end, name, assertion)


def _quoted(value: str, quote: str) -> str:
    inner = quoteattr(value, {'"': "&quot;", "'": "&#39;", "\t": "&#9;"})[1:-1]
    return f"{quote}{inner}{quote}"


@st.composite
def configs(draw: st.DrawFn) -> tuple[bytes, bytes, list[TrainedModel]]:
    chosen = draw(st.lists(names.filter(str.strip), min_size=1, max_size=6, unique=True))
    marked = [draw(st.booleans()) if position else False for position in range(len(chosen))]
    pieces = [
        draw(written(name, mark, "assertion_new.model" if mark else "ner_new"))
        for name, mark in zip(chosen, marked, strict=True)
    ]
    before = after = draw(st.sampled_from(["", "<!-- é -->\n", "\n"])) + "<View>"
    opening = draw(noise) + "<Labels name='l' toName='t'>"
    before, after = before + opening, after + opening
    for piece in pieces:
        between = draw(noise)
        before, after = before + between + piece.before, after + between + piece.after
    closing = draw(noise) + '</Labels>\n<Text name="t" value="$text"/></View>' + draw(st.sampled_from(["", "\r\n"]))
    codec = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    wanted = [TrainedModel("spans", "ner_new", tuple(p.name for p in pieces if not p.assertion))]
    if any(marked):
        wanted.append(TrainedModel("statuses", "assertion_new", tuple(p.name for p in pieces if p.assertion)))
    return (before + closing).encode(codec), (after + closing).encode(codec), wanted


@settings(max_examples=150, deadline=None)
@given(configs())
def test_random_configs_change_in_their_model_attributes_only(
    made: tuple[bytes, bytes, list[TrainedModel]],
) -> None:
    before, expected, wanted = made
    after = patch(config(before), wanted)
    assert after == expected
    assert patch(config(after), wanted) == after
    assert plan(config(after), wanted) == ()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_configs_are_refused_or_patched_right(data: st.DataObject) -> None:
    before, _, wanted = data.draw(configs())
    place = data.draw(st.integers(0, len(before)))
    junk = data.draw(st.sampled_from([b"", b"<", b">", b"'", b'"', b"&", b"<!--", b"]]>", b"\0", b"\xff", b"</View>"]))
    damaged = before[:place] + junk + before[place + data.draw(st.integers(0, 3)) :]
    try:
        after = patch(config(damaged), wanted)
    except AlabtrainError:
        return
    read = config(after)
    assert {label.model for label in read.ner_labels if label.name in wanted[0].labels} == {"ner_new"}


def test_real_configs_change_in_their_model_attributes_only(shared_data: Path) -> None:
    files = sorted((shared_data / "exports").glob("*.xml"))
    assert files
    for file in files:
        before = file.read_bytes()
        wanted = models(config(before))
        after = patch(config(before), wanted)
        assert after != before, file.name
        assert _without_models(after) == _without_models(before), file.name
        assert patch(config(after), wanted) == after, file.name


def _without_models(source: bytes) -> bytes:
    return re.sub(rb" model=(\"[^\"]*\"|'[^']*')", b"", source)


def test_a_second_parser_sees_what_is_more_than_a_model() -> None:
    def tree(text: str) -> object:
        return patching._tree(read_markup(text.encode(), where="config.xml"))

    plain = tree('<View><Label value="A &amp; B"/>text<!-- note --></View>')
    assert plain is not None
    assert tree('<View><Label value="A &amp; B" model="ner_x"/>text<!-- note --></View>') == plain
    for other in (
        '<View><Label value="A &amp; C"/>text<!-- note --></View>',
        '<View><Label value="A &amp; B"/>other<!-- note --></View>',
        '<View><Label value="A &amp; B"/>text<!-- other --></View>',
    ):
        assert tree(other) != plain
