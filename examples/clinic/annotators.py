"""What the annotators did: turn the gold annotation of a note into a task with its completions.

Every choice that looks random is a hash of the note's id, the annotator and the span: the same sources
give the same project, on every machine.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from examples.clinic.sources import NER_LABELS, TOPICS, URGENCIES, Note, Span, Step, Style, Team

WORD = re.compile(r"[^\W\d_]{4,}")
STARTED = datetime(2023, 3, 6, 8, 0)

Json = dict[str, Any]


def roll(*parts: object) -> float:
    """Return a number in [0, 1) that depends on nothing but `parts`."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def draw(values: Sequence[str], *parts: object) -> str:
    """Return one of `values`, by hash."""
    return values[int(roll(*parts) * len(values))]


def spoil(note: Note, by: str, style: Style) -> list[Span]:
    """Return the spans that this annotator marks in this style."""
    kept: list[Span] = []
    for span in note.spans:
        key = (note.id, by, span.start)
        if roll(*key, "miss") < style.miss:
            continue
        moved = swap(move_edges(note, span, style, key), style, key)
        others = [other for other in (*note.spans, *kept) if other is not span]
        kept.append(moved if not moved.overlaps(others) else swap(span, style, key))
    return sorted(kept + noise(note, by, style, kept), key=lambda span: span.start)


def move_edges(note: Note, span: Span, style: Style, key: tuple[object, ...]) -> Span:
    """Take a span too narrow, too wide or with a blank behind it, now and then."""
    chance = roll(*key, "edges")
    words = note.text[span.start : span.end].split(" ")
    after = re.match(r" \w+", note.text[span.end :])
    before = re.search(r"\w+ $", note.text[: span.start])
    if chance < style.narrow:
        last = roll(*key, "side") < 0.5
        cut = len(words[-1] if last else words[0]) + 1 if len(words) > 1 else 0
        return replace(span, end=span.end - cut) if last else replace(span, start=span.start + cut)
    if chance < style.narrow + style.wide:
        if after and (not before or roll(*key, "side") < 0.5):
            return replace(span, end=span.end + after.end())
        return replace(span, start=before.start()) if before else span
    if chance < style.narrow + style.wide + style.blank and after:
        return replace(span, end=span.end + 1)
    return span


def swap(span: Span, style: Style, key: tuple[object, ...]) -> Span:
    """Give a span another label or another status, now and then."""
    label, label_rate = style.relabel.get(span.label, (span.label, 0.0))
    status, status_rate = style.restate.get(span.status, (span.status, 0.0))
    if roll(*key, "label") < label_rate:
        return replace(span, label=label, status="Present" if label == "Problem" else "")
    return replace(span, status=status) if roll(*key, "status") < status_rate else span


def noise(note: Note, by: str, style: Style, kept: Sequence[Span]) -> list[Span]:
    """Label some words that mean nothing."""
    found = []
    for match in WORD.finditer(note.text):
        key = (note.id, by, match.start(), "noise")
        label = draw(NER_LABELS, *key, "label")
        span = Span(match.start(), match.end(), label, "Present" if label == "Problem" else "")
        if roll(*key) < style.noise and not span.overlaps((*note.spans, *kept)):
            found.append(span)
    return found


def choose(note: Note, by: str, style: Style) -> tuple[str, tuple[str, ...]]:
    """Return urgency and topics as this annotator chooses them."""
    urgency, topics = note.urgency, note.topics
    if urgency and roll(note.id, by, "urgency") < style.wrong_choice:
        urgency = draw([other for other in URGENCIES if other != urgency], note.id, by, "which urgency")
    if topics and roll(note.id, by, "topics") < style.wrong_choice:
        topics = (draw([other for other in TOPICS if other not in topics], note.id, by, "which topic"),)
    return urgency, topics


def stories_of(notes: Sequence[Note], team: Team) -> dict[str, str]:
    """Return note id -> name of its story, in the proportions of team.yaml."""
    found = dict(team.pinned)
    for is_test in (False, True):
        weights = {name: story.test if is_test else story.train for name, story in team.stories.items()}
        free = [note.id for note in notes if (note.tag == "Test") is is_test and note.id not in found]
        places = [name for name, weight in weights.items() for _ in range(weight)]
        for rank, id_ in enumerate(sorted(free, key=lambda id_: roll(id_, "story"))):
            found[id_] = places[rank * len(places) // len(free)]
    return found


def make_result(note: Note, unique: str, by: str, style: Style, confidence: object) -> list[Json]:
    """Write one result: regions, choices, relations."""

    def item(kind: str, key: object, name: str, value: Json) -> Json:
        digest = hashlib.sha256(f"{unique} {key} {name} {value}".encode()).hexdigest()
        return {"id": digest[:10], "from_name": name, "to_name": "text", "type": kind, "value": value}

    result: list[Json] = []
    ids: dict[Span, str] = {}
    for span in spoil(note, by, style):
        place = {"start": span.start, "end": span.end, "text": note.text[span.start : span.end]}
        names = [span.label, span.status] if span.status else [span.label]
        both = [item("labels", name, "label", {**place, "labels": [name], "confidence": confidence}) for name in names]
        ids[span] = both[0]["id"]
        result += both if roll(note.id, span.start, "order") < 0.85 else both[::-1]
    urgency, topics = choose(note, by, style)
    if urgency:
        result.append(item("choices", "", "urgency", {"choices": [urgency]}))
    if topics:
        result.append(item("choices", "", "topics", {"choices": list(topics)}))
    for kind, source, target in note.relations:
        if source in ids and target in ids:
            ends = {"from_id": ids[source], "to_id": ids[target]}
            result.append({"type": "relation", **ends, "direction": "right", "labels": [kind]})
    return result


def make_completions(task: int, note: Note, steps: Sequence[Step], team: Team) -> list[Json]:
    """Write the completions of a task, in the order of the file, which is not that of time."""
    clock = STARTED + timedelta(minutes=41 * task)
    made = []
    for number, step in enumerate(steps, start=1):
        clock += timedelta(seconds=int(1500 + 9000 * roll(note.id, number, "pause")))
        made.append(make_completion(task, number, note, step, team, clock))
    return sorted(made, key=lambda completion: roll(completion["id"], "order in the file"))


def make_completion(task: int, number: int, note: Note, step: Step, team: Team, created: datetime) -> Json:
    """Write one completion with the keys that the product gives to its kind."""
    id_ = task * 1000 + number
    lead = round(9 + 160 * roll(id_, "lead"), 3)
    saved = created + timedelta(seconds=lead)
    done: Json = {
        "id": id_,
        "created_username": step.by,
        "created_ago": created.isoformat(timespec="milliseconds") + "Z",
    }
    done["result"] = make_result(note, f"c{id_}", step.by, team.styles[step.style], 1)
    if step.state == "imported":
        return done
    done |= {"lead_time": lead, "honeypot": step.star}
    if step.copy:
        kind = "prediction" if step.copy == "prediction" else "completion"
        origin = task * 1000 + (1 if isinstance(step.copy, str) else step.copy)
        done["copied_from"] = f"{kind}: {origin}"
        if step.state == "submitted":
            done |= {"copy": True, "cid": str(origin), "data_type": kind}
    if step.state == "submitted":
        local = saved + timedelta(minutes=team.utc_offset[step.by])
        done |= {"submitted_at": local.isoformat(timespec="milliseconds"), "confidence_range": [0, 1]}
        if roll(id_, "never updated") > 0.08:
            later = saved + timedelta(microseconds=int(2e5 * roll(id_, "network")) + 1)
            done |= {"updated_at": later.isoformat(timespec="microseconds") + "Z", "updated_by": step.by}
    if step.review:
        done |= {"review_status": step.review, "reviewed_by": team.reviewer}
    return done


def make_task(task: int, note: Note, steps: Sequence[Step], team: Team) -> Json:
    """Write one task with completions, predictions and tag."""
    created = STARTED - timedelta(days=3) + timedelta(seconds=task)
    predictions = []
    if any(step.copy == "prediction" for step in steps) or roll(note.id, "prediction") < team.predictions:
        result = make_result(note, f"p{task}", "model", team.styles["model"], f"{0.5 + roll(note.id) / 2:.4f}")
        ago = created.isoformat(timespec="milliseconds") + "Z"
        name = "SparkNLP Pre-annotation"
        predictions = [{"id": task * 1000 + 1, "created_username": name, "created_ago": ago, "result": result}]
    made: Json = {"id": task, "data": {"text": note.text, "title": f"{note.id}: {note.title}"}}
    made |= {"completions": make_completions(task, note, steps, team), "predictions": predictions}
    made |= {"created_at": str(created), "created_by": team.owner}
    return made | ({"tags": [note.tag]} if note.tag != "-" else {})


def make_project(notes: Sequence[Note], team: Team) -> list[Json]:
    """Write all tasks; their order is not that of their ids."""
    stories = stories_of(notes, team)
    tasks = [
        make_task(number, note, team.stories[stories[note.id]].steps, team)
        for number, note in enumerate(notes, start=1)
    ]
    return sorted(tasks, key=lambda task: roll(task["id"], "order in the file"))
