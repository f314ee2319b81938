"""The model card and the report of classes, assertion statuses, and runs of several types."""

from __future__ import annotations

import itertools
import json
import re

import pytest

from alabtrain.reports.card import render_card
from alabtrain.reports.facts import read_facts
from alabtrain.reports.html import MOST_CONFUSED, render_report, write_pages
from alabtrain.trainers.base import Mistake
from tests.support.html import HOSTILE, Page
from tests.support.run_folders import LABELS, NAMES, UNTRAINED, begin_run, fill, make_run, scored, scored_multiple

TYPES = ["ner", "assertion", "classification"]
SEVERAL = {"anger": (40, 12, 20, 900), "joy": (200, 33, 41, 700), "grief": (0, 1, 4, 960)}


def page_of(path, mistakes=()):
    page = Page(render_report(read_facts(path, mistakes=mistakes)))
    assert page.open == []
    return page


def card_of(path):
    return render_card(read_facts(path))


def code_in(card):
    found = re.search(r"```python\n(.*?)```", card, re.DOTALL)
    assert found is not None
    compile(found[1], "card", "exec")
    return found[1]


def test_facts_are_told_by_type(tmp_path):
    facts = read_facts(make_run(tmp_path, TYPES, not_trained=[UNTRAINED]))
    assert [kind.type for kind in facts.types] == TYPES
    assert [kind.type for kind in facts.trained] == TYPES[:2]
    ner, assertion, classification = facts.types
    assert (ner.labels, ner.name, ner.folder) == (LABELS["ner"], NAMES["ner"], "ner/model")
    assert (len(ner.epochs), len(assertion.epochs), len(classification.epochs)) == (12, 12, 0)
    assert (ner.is_classes, assertion.is_classes) == (False, True)
    assert (ner.headline[0], assertion.headline[0], classification.headline) == ("micro", "macro", ("macro", None))
    assert classification.not_trained == UNTRAINED
    assert list(facts.not_trained) == [UNTRAINED]
    assert facts.title == "2 models from clinic.zip"


def test_a_run_of_one_type_has_its_files_at_the_top(tmp_path):
    (kind,) = read_facts(make_run(tmp_path, ["classification"])).types
    assert (len(kind.epochs), kind.folder, kind.choices) == (12, "model", "urgency")
    assert kind.rare(30) == {"Emergency": 8, "Routine": 20, "Urgent": 12}


def test_the_report_of_a_mixed_run_has_a_part_per_type(tmp_path):
    page = page_of(make_run(tmp_path, TYPES))
    text = page.text
    assert text.index("IOB2, strict") < text.index("778 examples") < text.index("40 examples") < text.index("The run")
    for shown in (
        "3 models from clinic.zip", *NAMES.values(), "3 classes of urgency", "best validation F1 by tag in epoch 12",
        "Training accuracy", "0.897 macro F1, test part", "0.878 micro F1, test part",
        "assertion labels on words without an NER label", "choices of tasks with several choices where only one is allowed",
    ):  # fmt: skip
        assert shown in text, shown
    assert text.count("All epochs") == 3
    links = [attrs["href"] for _, attrs in page.tags if "href" in attrs]
    assert links == [f"#{kind}" for kind in TYPES]
    assert {link[1:] for link in links} <= {attrs.get("id") for _, attrs in page.tags}


def test_headings_go_one_level_at_a_time(tmp_path):
    for types in (TYPES, ["assertion"]):
        levels = [int(name[1]) for name, _ in page_of(make_run(tmp_path, types)).tags if re.fullmatch(r"h\d", name)]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_a_class_that_is_never_right_is_loud_and_a_rare_one_is_marked(tmp_path):
    path = make_run(tmp_path, ["classification"])
    page = page_of(path)
    assert "Never right: Emergency. The model predicted no example of this class correctly" in page.text
    assert any(attrs.get("class") == "loud" for _, attrs in page.tags)
    assert "8*" in page.text
    card = card_of(path)
    assert "**Never right:** Emergency." in card
    assert "Emergency (8), Routine (20), Urgent (12)" in card


def test_the_confusion_of_classes_has_a_column_for_no_answer_only_where_there_is_one(tmp_path):
    path = make_run(tmp_path, ["classification"])
    assert "none : the model predicted no class" in page_of(path).text
    assert (
        "| | Emergency | Routine | Urgent | none |\n|---|---:|---:|---:|---:|\n| Emergency | 0 | 3 | 5 | 0 |"
        in card_of(path)
    )
    path = make_run(tmp_path, ["assertion"])
    assert "predicted no class" not in page_of(path).text
    assert "| Past | 3 | 52 | 11 |" in card_of(path)


def test_any_number_of_classes_shows_threshold_losses_and_counts(tmp_path):
    path = make_run(tmp_path, ["classification"], metrics={"classification": scored_multiple(SEVERAL, "validation")})
    text = page_of(path).text
    for shown in (
        "at least 0.35",
        "45.2 % of the texts",
        "Hamming loss 0.0",
        "anger 40 20 900 12",
        "micro, validation",
    ):
        assert shown in text, shown
    card = card_of(path)
    assert "| anger | 40 | 20 | 900 | 12 |" in card
    assert "- The threshold was chosen on the same validation part" in card
    assert "- The epoch was chosen" not in card


def test_a_confusion_that_is_too_large_shows_the_most_frequent_mistakes(tmp_path):
    names = [f"class {number}" for number in range(60)]
    confusion = {name: dict.fromkeys(names, 0) for name in names}
    for number, name in enumerate(names):
        confusion[name][name] = 50
        confusion[name][names[number - 1]] = number
    path = make_run(tmp_path, ["classification"], metrics={"classification": scored(confusion)})
    text = page_of(path).text
    assert "class 59 class 58 59 54.1 %" in text
    assert text.count(" %") < MOST_CONFUSED + 20
    assert "Gold labels (rows)" not in card_of(path)


def test_the_card_of_a_mixed_run_uses_all_models_at_once(tmp_path):
    card = card_of(make_run(tmp_path, TYPES))
    assert card.startswith("# 3 models from clinic.zip\n")
    code = code_in(card)
    assert 'PipelineModel.load("pipeline")' in code
    for column in ("arrays_zip(ner_chunk, assertion)", "class.result"):
        assert column in code
    for shown in (
        "Named entities, assertion status and classification, trained on clinic.zip",
        "| classification_urgency_annotation_manual | Classification: urgency | `classification/model` |",
        "\n## Named entities\n", "\n## Assertion status\n", "\n## Classification\n", "| ner.dropout | 0 | flag |",
    ):  # fmt: skip
        assert shown in card, shown
    assert "explode(ner_chunk)" not in code
    assert "\n\n\n" not in card
    assert "/somewhere" not in card


def test_the_card_of_an_assertion_model_says_where_chunks_come_from(tmp_path):
    code = code_in(card_of(make_run(tmp_path, ["assertion"])))
    assert code.index('select("text", "ner_chunk")') < code.index("arrays_zip(ner_chunk, assertion)")
    assert 'PipelineModel.load("model")' in code
    assert code_in(card_of(make_run(tmp_path, ["classification"]))).count("PipelineModel.load") == 1


def test_what_was_not_trained_is_told_with_reason_and_hint(tmp_path):
    path = make_run(tmp_path, TYPES, not_trained=[UNTRAINED])
    text = page_of(path).text
    assert f"Not trained Classification : {UNTRAINED['message']} {UNTRAINED['hint']}" in text
    card = card_of(path)
    assert "## Not trained\n\n- Classification: the training part has only 'Routine'" in card
    assert "\n## Classification\n" not in card


def test_types_without_scores_say_so_each_for_itself(tmp_path):
    path = make_run(tmp_path, TYPES, metrics={"assertion": {"split": None}})
    assert page_of(path).text.count("There are none: no task is tagged Test") == 1
    card = card_of(path)
    assert "## Assertion status\n\nThere are none: no task is tagged `Test`" in card
    assert card.count("There are none: no task") == 1


def test_names_of_classes_are_text_and_not_markup(tmp_path):
    path = make_run(
        tmp_path, ["classification"], metrics={"classification": scored({HOSTILE: {"ham": 3}, "ham": {"ham": 9}})}
    )
    page = page_of(path)
    assert not [attrs for _, attrs in page.tags if "onerror" in attrs]
    assert HOSTILE in page.text
    assert not re.search(r"(?<!\\)<img", card_of(path))


def test_mistakes_of_classes_are_shown_as_classes(tmp_path):
    mistakes = [
        Mistake("17", "Invented text.", ["Urgent"], ["B-side", "Routine"]),
        Mistake("18", "Invented text.", ["B-Drug", "I-Drug"], ["O", "O"]),
    ]
    text = page_of(make_run(tmp_path, TYPES), mistakes).text
    assert "Task 17 · gold: Urgent · predicted: B-side, Routine" in text
    assert "Task 18 · gold: Drug 1-2 · predicted: nothing" in text


def test_pages_are_written_while_the_run_is_still_under_way(tmp_path):
    with begin_run(tmp_path, TYPES) as run:
        fill(run, TYPES)
        write_pages(run)
    assert "3 models" in (run.final_path / "README.md").read_text()
    assert "the run is" not in Page((run.final_path / "report.html").read_text()).text


@pytest.mark.parametrize("types", [TYPES, ["assertion"], ["classification"]])
def test_a_run_that_came_to_nothing_still_has_its_pages(tmp_path, types):
    with begin_run(tmp_path, types) as run:
        write_pages(run)
    card = (run.final_path / "README.md").read_text()
    assert card.startswith(f"# {run.final_path.name}\n")
    assert "```" not in card
    assert run.final_path.name in Page((run.final_path / "report.html").read_text()).text


def test_epochs_without_a_number_are_left_out_of_the_curves(tmp_path):
    path = make_run(tmp_path, ["classification"])
    lines = [json.loads(line) for line in (path / "epochs.jsonl").read_text().splitlines()]
    lines[3].update(loss=None, accuracy=None)
    del lines[4]["accuracy"]
    (path / "epochs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "not a number" in page_of(path).text


def test_parameters_of_a_type_stand_with_it(tmp_path):
    path = make_run(tmp_path, TYPES, not_trained=[UNTRAINED])
    text = page_of(path).text
    assert text.count("Parameters of this type Parameter Value From epochs 12 alabtrain.yaml dropout 0 flag") == 2
    assert "ner.epochs" not in text
    assert "classification.epochs 12" in text
    assert "ner.epochs" not in page_of(make_run(tmp_path, ["ner"])).text


def test_what_was_chosen_on_the_scored_part_is_said_by_type(tmp_path):
    several = {"classification": scored_multiple(SEVERAL, "validation")}
    card = card_of(make_run(tmp_path, TYPES, split="validation", metrics=several))
    assert card.count("- The epoch was chosen on the same validation part") == 1
    assert card.count("- The threshold was chosen on the same validation part") == 1
    path = make_run(tmp_path, TYPES, metrics=several)
    assert "- The epoch was chosen" not in card_of(path)
    record = json.loads((path / "run.json").read_text())
    record["parameters"]["classification.threshold"]["value"] = 0.35
    (path / "run.json").write_text(json.dumps(record))
    assert "- The threshold was chosen" not in card_of(path)


def test_losses_are_told_of_what_was_lost(tmp_path):
    path = make_run(tmp_path, TYPES)
    stages = [
        {"name": unit, "unit": unit, "entered": 9, "lost": {code: 1}, "left": 8}
        for unit, code in (
            ("spans", "other_text"),
            ("choices", "other_text"),
            ("statuses", "no_token"),
            ("tasks", "x_y"),
        )
    ]
    (path / "funnel.json").write_text(json.dumps({"stages": stages}))
    card = card_of(path)
    assert "| spans: spans | 9 | 1 | 8 | 1 span of another text of the task |" in card
    assert "| 1 choice for another text of the task |" in card
    assert "| 1 status that touches no token |" in card
    assert "| 1 x y |" in card
