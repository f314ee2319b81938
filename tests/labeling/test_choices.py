from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.core.errors import InputError, UsageError
from alabtrain.labeling.choices import ChosenChoices, choice_finding, choose_choices
from alabtrain.labeling.config import LabelingConfig, parse_config


def config(*groups: str) -> LabelingConfig:
    """Return a config with a group of choices for each `name [attributes]`, one on each line from the second."""
    made = [f'<Choices name="{group.replace(" ", chr(34) + " ", 1)}{"" if " " in group else chr(34)} toName="text">'
            '<Choice value="a"/></Choices>' for group in groups]  # fmt: skip
    return parse_config(
        "\n".join(["<View>", *made, '<Text name="text" value="$text"/></View>']).encode(), where="c.xml"
    )


def chosen(*groups: str, name: str | None = None) -> ChosenChoices:
    found = choose_choices(config(*groups), name)
    assert found is not None
    return found


TRAIN, REGION = 'train="true"', 'perRegion="true"'


def test_the_marked_group_is_taken() -> None:
    found = chosen("b", f"c {TRAIN}", "a")
    assert (found.group.name, found.rule, found.left) == ("c", "marked", ("a", "b"))


def test_else_the_first_by_name() -> None:
    # Plain order of strings: capitals first.
    found = chosen("b", "Z", "a")
    assert (found.group.name, found.rule, found.left) == ("Z", "first", ("a", "b"))


def test_what_was_asked_for_beats_all() -> None:
    found = chosen(f"b {TRAIN}", f"c {TRAIN}", "a", name="a")
    assert (found.group.name, found.rule, found.left) == ("a", "asked", ("b", "c"))


def test_groups_of_regions_are_never_taken() -> None:
    found = chosen(f"a {REGION}", "b", f"c {REGION} {TRAIN}")
    assert (found.group.name, found.rule, found.left) == ("b", "first", ())
    assert choose_choices(config(f"a {REGION}")) is None
    assert choose_choices(config()) is None


def test_two_marked_groups_are_named_with_their_lines() -> None:
    with pytest.raises(InputError) as caught:
        choose_choices(config("x", f"b {TRAIN}", f"a {TRAIN}"))
    error = caught.value
    assert error.code == "several_trained_choices"
    assert "a (line 4), b (line 3)" in error.message
    assert "--choices" in str(error.hint)


@pytest.mark.parametrize(
    ("groups", "name", "where", "hint"),
    [
        (("b", "a"), "c", "c.xml", "usable: a, b"),
        (("b", "a"), "A", "c.xml", "usable: a, b"),
        (("b", "a"), "", "c.xml", "usable: a, b"),
        (("b", f"a {REGION}"), "a", "c.xml, line 3", "usable: b"),
        ((f"a {REGION}",), "a", "c.xml, line 2", "the config has no usable Choices"),
    ],
)
def test_a_group_that_cannot_be_asked_for(groups: tuple[str, ...], name: str, where: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose_choices(config(*groups), name)
    assert (caught.value.where, caught.value.hint) == (where, hint)
    assert ("per region" in caught.value.message) == ("line" in where)


def test_what_is_told_of_the_choice() -> None:
    one = choice_finding(chosen("mood"))
    assert (one.code, one.severity, one.examples, one.hint) == ("choices_taken", "info", (), "")
    assert (
        one.message
        == 'the classifier is trained on the Choices mood (the first by name, because none is marked train="true")'
    )
    two = choice_finding(chosen(f"b {TRAIN}", "a"))
    assert two.message == 'the classifier is trained on the Choices b (marked train="true"); 1 other group is not used'
    assert two.examples == ("a",)
    many = choice_finding(chosen(*(f"{letter}{'x' * 500}" for letter in "abcdefghi"), name="a" + "x" * 500))
    assert "8 other groups are not used" in many.message
    assert len(many.examples) == 5
    assert all(len(text) < 200 for text in (many.message, *many.examples))


@given(st.lists(st.text(string.ascii_letters, min_size=1, max_size=4), min_size=1, unique=True))
def test_the_order_in_the_config_does_not_matter(names: list[str]) -> None:
    found = chosen(*names)
    assert found == ChosenChoices(found.group, "first", tuple(sorted(names)[1:]))
    assert chosen(*reversed(names)).group.name == found.group.name
