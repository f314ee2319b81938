"""Hand-made tasks, completions and projects with every trait of real exports. All of it is invented."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

TEXT = "Mild cough since Monday. No fever. Takes honey tea."
CONFIG = """<View>
  <Labels name="label" toName="text">
    <Label value="Symptom" background="#e6194b"/>
    <Label value="Remedy" background="#3cb44b"/>
    <Label value="Absent" assertion="true" background="#f1c40f"/>
  </Labels>
  <Choices name="mood" toName="text" choice="single" train="true">
    <Choice value="calm"/>
    <Choice value="worried"/>
  </Choices>
  <Text name="text" value="$text"/>
</View>
"""


def region(start: int, end: int, label: str = "Symptom", *, text: str = TEXT, **fields: Any) -> dict[str, Any]:
    """Return a labelled span of `text`."""
    value = {"start": start, "end": end, "text": text[start:end], "labels": [label], "confidence": 1}
    item = {
        "id": f"r{start}-{end}-{label}",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": value,
    }
    return {**item, **fields}


def choice(name: str, *ticked: str) -> dict[str, Any]:
    """Return what was ticked in a group of choices."""
    return {
        "id": f"c-{name}",
        "from_name": name,
        "to_name": "text",
        "type": "choices",
        "value": {"choices": list(ticked)},
    }


def relation(one: str, other: str, label: str = "eases") -> dict[str, Any]:
    """Return a relation between two regions."""
    return {"type": "relation", "from_id": one, "to_id": other, "direction": "right", "labels": [label]}


RESULT = [
    region(5, 10),
    region(28, 33),
    region(28, 33, "Absent"),
    region(41, 50, "Remedy"),
    choice("mood", "calm"),
    relation("r41-50-Remedy", "r5-10-Symptom"),
]


def completion(
    number: int | str,
    by: str = "ann",
    *,
    minute: int = 0,
    submitted: bool = True,
    starred: bool | None = False,
    result: list[Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """Return a completion as Annotation Lab's screen writes it; `minute` is when it was saved last (UTC)."""
    hour, rest = divmod(minute, 60)
    time = f"2024-03-04T{10 + hour:02d}:{rest:02d}:00"
    made: dict[str, Any] = {
        "id": number,
        "created_username": by,
        "created_ago": f"{time}.219022Z",
        "lead_time": 12,
        "result": RESULT if result is None else result,
        "confidence_range": [0, 1],
    }
    if starred is not None:
        made["honeypot"] = starred
    if submitted:
        # Local time of some browser: nothing may ever be compared by it.
        made |= {"submitted_at": "2031-01-01T00:00:00.000", "updated_at": f"{time}.345053Z", "updated_by": by}
    return {**made, **fields}


def draft(number: int, by: str = "ann", *, minute: int = 0, **fields: Any) -> dict[str, Any]:
    """Return a copy that was never submitted."""
    return completion(number, by, minute=minute, submitted=False, copied_from=f"completion: {number - 1}", **fields)


def imported(number: int, by: str = "model", **fields: Any) -> dict[str, Any]:
    """Return a completion as it looks after an import: four keys."""
    made = {
        "id": number,
        "created_username": by,
        "created_ago": "2024-03-04T10:00:00.484713Z",
        "result": RESULT,
    }
    return {**made, **fields}


def annotation(number: int, by: Any = 7, *, minute: int = 0, **fields: Any) -> dict[str, Any]:
    """Return an annotation as Label Studio 1.x writes it."""
    hour, rest = divmod(minute, 60)
    made = {
        "id": number,
        "completed_by": by,
        "created_at": f"2024-03-04T{10 + hour:02d}:{rest:02d}:00.000000Z",
        "updated_at": f"2024-03-04T{10 + hour:02d}:{rest:02d}:01.500000Z",
        "was_cancelled": False,
        "ground_truth": False,
        "lead_time": 3.5,
        "parent_prediction": None,
        "result": [{**item, "origin": "manual"} for item in RESULT],
    }
    return {**made, **fields}


def task(
    number: int | str, *completions: Mapping[str, Any], tags: list[Any] | None = None, **fields: Any
) -> dict[str, Any]:
    """Return a task of Annotation Lab."""
    made: dict[str, Any] = {
        "id": number,
        "data": {"text": TEXT, "title": f"note-{number}"},
        "completions": list(completions),
        "predictions": [{"id": 1, "created_username": "SparkNLP Pre-annotation", "result": [region(5, 10)]}],
        "created_at": "2024-03-04 09:00:00",
        "created_by": "admin",
        "sections": [],
    }
    if tags is not None:
        made["tags"] = tags
    return {**made, **fields}


def studio_task(number: int, *annotations: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a task of Label Studio 1.x."""
    made = {
        "id": number,
        "data": {"text": TEXT},
        "annotations": list(annotations),
        "drafts": [],
        "predictions": [],
        "meta": {},
        "inner_id": number,
        "total_annotations": len(annotations),
        "project": 3,
    }
    return {**made, **fields}


def team_tasks() -> list[dict[str, Any]]:
    """Return tasks of three annotators and a reviewer: every rule and every reason occurs."""
    return [
        task(
            3,
            completion(3001, "cid", review_status="Accepted"),
            completion(3002, "ann", minute=5),
            tags=["Train"],
        ),
        task(1, completion(1001, "bob", minute=9), completion(1002, "ann"), draft(1003, "cid"), tags=["Train"]),
        task(
            2,
            completion(2001, starred=True),
            completion(2002, minute=3),
            completion(2003, minute=2),
            tags=["Test"],
        ),
        task(4, completion(4001, review_status="to correct"), tags=[{"name": "Test"}]),
        task(5, completion(5001, minute=1), completion(5002, minute=2)),
        task(6, tags=["Train", "odd"]),
        task(7, draft(7001)),
        task(8, completion(8001, "bob", result=[])),
    ]


def as_json(
    tasks: Iterable[Mapping[str, Any]], *, indent: int | None = 2, crlf: bool = False, bom: bool = False
) -> bytes:
    """Return an export's text."""
    text = json.dumps(list(tasks), ensure_ascii=False, indent=indent)
    text = text.replace("\n", "\r\n") if crlf else text
    return text.encode("utf-8-sig" if bom else "utf-8")


def manifest(*team: str, config: str | None = CONFIG, **fields: Any) -> bytes:
    """Return a `project.json`."""
    made: dict[str, Any] = {"name": "notes", "description": "invented", "team_members_order": list(team)}
    if config is not None:
        made["label_config"] = config
    return json.dumps({**made, **fields}).encode()


def members(
    tasks: Iterable[Mapping[str, Any]], *, team: Iterable[str] = ("ann", "bob", "cid"), config: str = CONFIG
) -> dict[str, bytes]:
    """Return the files of a project by name."""
    return {
        "result.json": as_json(tasks),
        "config.xml": config.encode(),
        "project.json": manifest(*team, config=config),
    }


def write_json(path: Path, tasks: Iterable[Mapping[str, Any]], **form: Any) -> Path:
    """Write a plain JSON export."""
    path.write_bytes(as_json(tasks, **form))
    return path


def write_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return path


def write_zip(path: Path, files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write files into a zip."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_project(path: Path, tasks: Iterable[Mapping[str, Any]], **settings: Any) -> Path:
    """Write a project zip."""
    return write_zip(path, members(tasks, **settings))


def texts(*given: str, tags: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """Return a task a text, numbered from 1; `tags` are the numbers of those that are tagged Test."""
    return [
        task(
            number,
            completion(number * 1000 + 1, result=[region(0, 4, text=text)]),
            data={"text": text},
            tags=["Test"] if number in tags else None,
        )
        for number, text in enumerate(given, 1)
    ]
