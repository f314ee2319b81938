"""Count the gold annotation, and how often simple rules pick it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from examples.clinic.annotators import Json, make_project, stories_of
from examples.clinic.sources import NER_LABELS, STATUSES, TOPICS, URGENCIES, Note, Team


def newest(completions: Iterable[Json]) -> Json | None:
    """Return the completion saved last, by UTC time."""
    return max(completions, key=lambda made: str(made.get("updated_at", made["created_ago"])), default=None)


def usable(task: Json, reviews: bool = True) -> list[Json]:
    """Return the submitted completions that are not rejected; only the accepted ones where there are any."""
    made = [one for one in task["completions"] if "submitted_at" in one]
    if not reviews:
        return made
    accepted = [one for one in made if one.get("review_status") == "accepted"]
    return accepted or [one for one in made if one.get("review_status") != "rejected"]


def by_priority(completions: Sequence[Json], order: Sequence[str]) -> Json | None:
    """Return the completion of the annotator named first in `order`: starred first, then newest."""
    rank = min((order.index(one["created_username"]) for one in completions), default=0)
    own = [one for one in completions if one["created_username"] == order[rank]]
    return newest([one for one in own if one["honeypot"]] or own)


def rules(team: Team) -> dict[str, Callable[[Json], Json | None]]:
    """Return ways to pick a completion, by name."""
    return {
        "`--policy priority` (the documented rule)": lambda task: by_priority(usable(task), team.order),
        "`--policy latest`": lambda task: newest(usable(task)),
        "priority, reviews ignored": lambda task: by_priority(usable(task, reviews=False), team.order),
        "latest of all completions, whoever made it": lambda task: newest(task["completions"]),
        "first completion in the file": lambda task: next(iter(task["completions"]), None),
    }


def count_picks(notes: Sequence[Note], team: Team) -> list[tuple[str, Counter[str]]]:
    """Count for each rule how often it takes the gold annotation, or bob's, by split."""
    stories = stories_of(notes, team)
    tasks = {task["id"]: task for task in make_project(notes, team)}
    rows = []
    for name, rule in rules(team).items():
        found: Counter[str] = Counter()
        for number, note in enumerate(notes, start=1):
            pick = rule(tasks[number])
            if pick:
                step = team.stories[stories[note.id]].steps[pick["id"] % 1000 - 1]
                found[f"{note.tag} gold"] += step.style == "gold"
                found[f"{note.tag} bob"] += step.by == "bob"
        rows.append((name, found))
    return rows


def count_notes(notes: Iterable[Note]) -> Counter[str]:
    """Count notes, spans and choices of the gold annotation."""
    found: Counter[str] = Counter()
    for note in notes:
        found.update(["notes", note.urgency or "none", *note.topics])
        found.update(f"{span.label}" for span in note.spans)
        found.update(span.status for span in note.spans if span.status)
        found["spans"] += len(note.spans)
        found["notes without a span"] += not note.spans
    return found


def stats(notes: Sequence[Note], team: Team) -> str:
    """Return the counts as Markdown tables."""
    splits = {split: count_notes(note for note in notes if note.tag == split) for split in ("Train", "Test", "-")}
    names = ("notes", "notes without a span", "spans", *NER_LABELS, *STATUSES, *URGENCIES, *TOPICS)
    lines = ["| gold annotation | Train | Test | no tag | all |", "| --- | ---: | ---: | ---: | ---: |"]
    for name in names:
        counts = [found[name] for found in splits.values()]
        lines.append(f"| {name} | {' | '.join(map(str, [*counts, sum(counts)]))} |")
    lines += ["", "| which completion | Train: gold | Train: bob's | Test: gold | Test: bob's |"]
    lines += ["| --- | ---: | ---: | ---: | ---: |"]
    for name, found in count_picks(notes, team):
        cells = []
        for cell in ("Train gold", "Train bob", "Test gold", "Test bob"):
            cells.append(f"{found[cell]} ({found[cell] / splits[cell.split()[0]]['notes']:.0%})")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
