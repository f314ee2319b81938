from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import negex
from benchmarks.class_peers import context, peers, read_parts, statuses
from tests.support import builders as b


def said(text: str, chunk: str = "fever") -> str:
    start = text.index(chunk)
    return negex.status(text, start, start + len(chunk))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("She has a fever.", "present"),
        ("No fever.", "absent"),
        ("He DENIES any cough,  chills or fever", "absent"),
        ("Fluid and fever were ruled out.", "absent"),
        ("History of fever.", "past"),
        ("Past medical history: fever", "past"),
        ("A fever two years ago.", "past"),
        ("No history of fever.", "absent"),
        # What ends a trigger's reach, on both sides.
        ("No cough but a fever.", "present"),
        ("No cough. Some fever.", "present"),
        ("A fever, although cough was ruled out.", "present"),
        ("History of cough who now presents with fever", "present"),
        # What only looks like a trigger, and words that contain one.
        ("No change in the fever.", "present"),
        ("Cannot rule out fever.", "present"),
        ("Notes and knots: fever.", "present"),
    ],
)
def test_rules_for_a_status(text: str, status: str) -> None:
    assert said(text) == status


def test_the_words_around_a_chunk() -> None:
    assert context("No high fever today", 8, 13).keys() == {
        "bias", "left high", "left 1 high", "left no", "left 2 no", "left pair high no", "right today", "right 1 today",
    }  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    tasks = []
    for number in range(20):
        absent = number % 2 == 0
        text = f"{'No' if absent else 'Some'} fever in note {number}."
        place = text.index("fever")
        result = [
            b.region(place, place + 5, text=text),
            b.region(place, place + 5, "Absent" if absent else "Present", text=text),
            b.choice("mood", "calm" if absent else "worried"),
        ]
        made = b.task(number, b.completion(number * 1000, result=result), tags=["Test"] if number > 13 else [])
        tasks.append({**made, "data": {"text": text}})
    config = b.CONFIG.replace('<Label value="Absent"', '<Label value="Present" assertion="true"/><Label value="Absent"')
    return b.write_project(tmp_path / "p.zip", tasks, config=config)


def test_peers_read_a_project_as_a_training_does(project: Path) -> None:
    train, test = read_parts(project)
    assert (len(train), len(test)) == (14, 6)
    assert statuses(test[:1]) == [("No fever in note 14.", 3, 8, "Absent")]


def test_every_peer_gives_scores(project: Path) -> None:
    scores = {name: peer() for name, peer in peers(project)}
    assert len(scores) == 5
    for name, entry in scores.items():
        assert entry["micro"]["support"] == 6
        assert entry["accuracy"] == (0.5 if "frequent" in name else 1.0)


def test_multiple_choice_has_a_threshold(project: Path, tmp_path: Path) -> None:
    config = b.CONFIG.replace('choice="single"', 'choice="multiple"')
    tasks = []
    for number in range(40):
        names = [name for name, is_there in (("calm", number % 2), ("worried", number % 3)) if is_there]
        text = f"note {' '.join(names)} {number}"
        made = b.task(number, b.completion(number * 1000, result=[b.choice("mood", *names)] if names else []))
        tasks.append({**made, "data": {"text": text}, "tags": ["Test"] if number > 27 else []})
    scores = [peer() for _, peer in peers(b.write_project(tmp_path / "m.zip", tasks, config=config))]
    assert [(entry["mode"], entry["micro"]["f1"]) for entry in scores] == [("multiple", 1.0)] * 2
    assert all(0 < entry["threshold"] < 1 for entry in scores)
