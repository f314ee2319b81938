"""From an untrusted JSON object to a `Task`: Annotation Lab's and Label Studio's keys, with types checked.

An error names the task and a JSON pointer, never a value: values may be text of a document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alabtrain.core.errors import InputError
from alabtrain.core.findings import Tally
from alabtrain.core.json import Json, JsonObject
from alabtrain.project.records import Completion, Identifier, Review, Task
from alabtrain.project.reviews import read_review
from alabtrain.project.times import parse_time

# Keys that only the annotation screen writes: a completion with one of them was created there, not imported.
DRAFT_TRAITS = frozenset({"honeypot", "lead_time", "copied_from", "copy", "cid", "confidence_range", "draft"})
TAG_KEYS = ("name", "title")  # one of them holds a tag's name where a tag is an object
EXPORT_HINT = 'export the project again as "JSON" (not JSON_MIN, CSV, TSV, CoNLL or COCO)'

ReviewTable = Mapping[tuple[str, str], Review]
TagTable = Mapping[str, Sequence[str]]


def parse_task(
    raw: JsonObject,
    *,
    where: str,
    reviews: ReviewTable | None = None,
    tags: TagTable | None = None,
    tally: Tally | None = None,
) -> Task:
    """Return the task that `raw` describes; `where` names its file in errors.

    `reviews` maps (task id, completion id) to a verdict that overrides the one of the export; `tags` maps a task
    id to additional tags. Unusual but usable content is counted in `tally` (duplicate_completion,
    completions_ignored (those beside annotations), drafts_ignored, unknown_review, review:<key>).

    Raises:
        InputError: a value has the wrong type, or the object is not a task.
    """
    task_id = read_task_id(raw, where=where)
    location = f"{where}, task {task_id}"
    data = raw.get("data")
    if type(data) is not dict:
        raise _wrong(location, "/data", "an object")
    key, rows = completion_rows(raw, where=location)
    completions: tuple[Completion, ...] = ()
    if rows:
        completions = tuple(_parse_completion(row, key, n, location, tally) for n, row in enumerate(rows))
        if len(completions) > 1:
            completions = _without_repeats(completions, rows, location, tally)
        if reviews:
            completions = tuple(_with_review(c, reviews.get((str(task_id), str(c.id)))) for c in completions)
    own = raw.get("tags")
    names = tag_names(own, where=location) if own else ()
    if tags and (more := tags.get(str(task_id))):
        names = tuple(dict.fromkeys((*names, *more)))
    beside = raw.get("completions") if key == "annotations" else None
    if tally is not None and type(beside) is list and beside:
        tally.add("completions_ignored", f"task {task_id}", len(beside))
    if tally is not None and raw.get("drafts"):
        tally.add("drafts_ignored", f"task {task_id}")
    return Task(task_id, data, names, completions, raw)


def read_task_id(raw: JsonObject, *, where: str) -> Identifier:
    """Return the id of a raw task; without one, raise an `InputError` that names the format of the file."""
    task_id = raw.get("id")
    if type(task_id) is int or (type(task_id) is str and task_id):
        if "data" not in raw:
            raise _not_a_task(raw, where)
        return task_id
    if task_id is None:
        raise _not_a_task(raw, where)
    raise _wrong(where, "/id", "a number or a text")


def completion_rows(raw: JsonObject, *, where: str) -> tuple[str, list[dict[str, Json]]]:
    """Return the key and the list of a raw task's completions; `annotations` takes precedence over `completions`."""
    for key in ("annotations", "completions"):
        rows = raw.get(key)
        if rows is None:
            continue
        if type(rows) is not list:
            raise _wrong(where, f"/{key}", "a list")
        if rows or key == "completions" or "completions" not in raw:
            return key, rows
    return "completions", []


def tag_names(value: Json, *, where: str) -> tuple[str, ...]:
    """Return the names in a raw task's list of tags: strings, or objects with a name or a title."""
    if type(value) is not list:
        raise _wrong(where, "/tags", "a list")
    names: dict[str, None] = {}
    for position, tag in enumerate(value):
        name = next((tag[key] for key in TAG_KEYS if key in tag), None) if type(tag) is dict else tag
        if type(name) is not str:
            raise _wrong(where, f"/tags/{position}", "a text or an object with a name")
        if name.strip():
            names[name.strip()] = None
    return tuple(names)


def looks_imported(row: JsonObject) -> bool:
    """Return whether a raw completion was imported: not submitted, and without any of `DRAFT_TRAITS`."""
    return not row.get("submitted_at") and DRAFT_TRAITS.isdisjoint(row)


def unsubmitted_ids(task: Task, *, imported_only: bool) -> frozenset[Identifier]:
    """Return the ids of the task's Annotation Lab completions that neither count as submitted nor are drafts.

    With `imported_only`, only those that were imported rather than created in the annotation screen.
    """
    key, rows = completion_rows(task.raw, where=f"task {task.id}")
    if key != "completions":
        return frozenset()
    waiting = {completion.id for completion in task.completions if not completion.submitted}
    return frozenset(
        own
        for row in rows
        if isinstance(own := row["id"], (int, str)) and own in waiting
        if not row.get("draft") and (looks_imported(row) or not imported_only)
    )


def _parse_completion(row: Json, key: str, position: int, location: str, tally: Tally | None) -> Completion:
    if type(row) is not dict:
        raise _wrong(location, f"/{key}/{position}", "an object")
    pointer = f"/{key}/{position}"
    number = row.get("id")
    if type(number) is not int and (type(number) is not str or not number):
        raise _wrong(location, f"{pointer}/id", "a number or a text")
    result = row.get("result")
    if type(result) is not list:
        raise _wrong(location, f"{pointer}/result", "a list")
    for item in result:
        if type(item) is not dict:
            raise _wrong(location, f"{pointer}/result/{result.index(item)}", "an object")
    handed_in = row.get("submitted_at")
    if handed_in is not None and type(handed_in) is not str:
        raise _wrong(location, f"{pointer}/submitted_at", "a text")
    starred = _flag(row, "honeypot", location, pointer) or _flag(row, "ground_truth", location, pointer)
    cancelled = _flag(row, "was_cancelled", location, pointer) or _flag(row, "skipped", location, pointer)
    draft = _flag(row, "draft", location, pointer)
    submitted = bool(handed_in) or ((key == "annotations" or _is_label_studio_zero(row)) and not draft)
    return Completion(
        number,
        _annotator(row, location, pointer),
        tuple(result),
        submitted,
        bool(handed_in),
        cancelled,
        starred,
        read_review(row, where=location, pointer=pointer, tally=tally),
        _stamp(row, location, pointer),
    )


def _is_label_studio_zero(row: JsonObject) -> bool:
    # Label Studio 0.x saved only submitted completions, with an epoch time and no annotator's name.
    return "created_username" not in row and type(row.get("created_at")) in (int, float)


def _flag(row: JsonObject, key: str, location: str, pointer: str) -> bool:
    value = row.get(key)
    if value is None or value is False:
        return False
    if value is True or (type(value) is int and value in (0, 1)):
        return bool(value)
    raise _wrong(location, f"{pointer}/{key}", "true or false")


def _annotator(row: JsonObject, location: str, pointer: str) -> str:
    name = row.get("created_username")
    if type(name) is str:
        return name
    if name is not None:
        raise _wrong(location, f"{pointer}/created_username", "a text")
    by = row.get("completed_by")
    if type(by) is dict:
        by = next((by[key] for key in ("email", "username", "id") if by.get(key)), None)
    if by is None:
        return ""
    if type(by) in (int, str):
        return str(by)
    raise _wrong(location, f"{pointer}/completed_by", "a number, a text or an object")


def _stamp(row: JsonObject, location: str, pointer: str) -> str | float | None:
    """Return the first time that can be parsed, or else the first one present."""
    first: str | float | None = None
    for key in ("updated_at", "created_ago", "created_at"):
        value = row.get(key)
        if value is None or value == "":
            continue
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise _wrong(location, f"{pointer}/{key}", "a time")
        if parse_time(value) is not None:
            return value
        first = value if first is None else first
    return first


def _without_repeats(
    completions: tuple[Completion, ...], rows: list[dict[str, Json]], location: str, tally: Tally | None
) -> tuple[Completion, ...]:
    first: dict[Identifier, int] = {}
    for position, completion in enumerate(completions):
        earlier = first.setdefault(completion.id, position)
        if earlier == position:
            continue
        if not _equal(rows[earlier], rows[position]):
            raise InputError(
                f"completion {completion.id} occurs twice, with different content",
                where=location,
                hint="remove one of the two from the export",
            )
        if tally is not None:
            tally.add("duplicate_completion", f"{location}, completion {completion.id}")
    return completions if len(first) == len(completions) else tuple(completions[n] for n in first.values())


def _equal(one: object, other: object) -> bool:
    try:
        return one == other
    except RecursionError:  # only just shallow enough to be read
        return False


def _with_review(completion: Completion, review: Review | None) -> Completion:
    if review is None:
        return completion
    c = completion
    return Completion(
        c.id, c.annotator, c.result, c.submitted, c.has_submitted_at, c.cancelled, c.starred, review, c.stamp
    )


def _not_a_task(raw: JsonObject, where: str) -> InputError:
    """Return the error that names what a list contains instead of tasks."""
    annotate = "import it into the annotation tool, annotate, and " + EXPORT_HINT
    if isinstance(raw.get("data"), dict) or "completions" in raw or "annotations" in raw:
        message, hint = "a task has no id or no data: this is a list for import, not an export", annotate
    elif "annotation_id" in raw or "annotator" in raw or "lead_time" in raw:
        message, hint = "this is a JSON_MIN export, which does not contain the completions", EXPORT_HINT
    elif "text" in raw or "title" in raw or "image" in raw:
        message, hint = (
            "this is a list of texts for import, not an export: it has no annotations",
            annotate,
        )
    else:
        message, hint = "this is not a task: it has no id or no data", EXPORT_HINT
    return InputError(message, where=where, hint=hint)


def _wrong(location: str, pointer: str, expected: str) -> InputError:
    return InputError(f"expected {expected} at {pointer}", where=location, hint=EXPORT_HINT)
