"""`alabtrain why`: every decision on the completions of one task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.settings import FLAG, find_project, source_of, value_from_elsewhere
from alabtrain.core.errors import UsageError
from alabtrain.project.options import ProjectOptions
from alabtrain.selection.options import SelectionOptions

if TYPE_CHECKING:
    from alabtrain.inspect.explain import CompletionStory, Story

TaskArgument = Annotated[
    str | None,
    typer.Argument(metavar="TASK_ID", show_default=False, rich_help_panel="Project", help="The id of the task."),
]


@as_command
def command(
    ctx: typer.Context,
    project: ProjectArgument = None,
    task_id: TaskArgument = None,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    selection: SelectionOptions,
) -> None:
    """Explain every decision on the completions of one task.

    A single argument is the TASK_ID.
    """
    from alabtrain.console import terminal
    from alabtrain.inspect.explain import explain_task

    if task_id is None:
        project, task_id = _alone(ctx, project)
    opened = open_given(find_project(project), files)
    story = explain_task(opened, task_id, selection)
    if as_json:
        terminal.print_json(story)
    else:
        _show(story)


def _alone(ctx: typer.Context, given: Path | None) -> tuple[Path | None, str]:
    """Return the project from environment or settings, and the single argument, which Typer read as PROJECT."""
    typed = source_of(ctx, "project") == FLAG
    if given is None or not typed or (given.exists() and not given.name.isdigit()):
        raise UsageError("TASK_ID is missing", hint="alabtrain why [PROJECT] TASK_ID")
    return value_from_elsewhere(ctx, "project"), str(given)


def _show(story: Story) -> None:
    from alabtrain.console import terminal

    tags = f", tagged {', '.join(story.tags)}" if story.tags else ""
    terminal.say(f"Task {story.task_id}{tags}: {story.outcome}")
    order = f" ({', '.join(story.order_used)})" if story.order_used else ""
    terminal.say(f"Policy: {story.policy}; order of annotators: {story.order_from}{order}")
    if story.imported:
        terminal.say("No completion was submitted: the project was imported, so all completions count as submitted.")
    columns = ("completion", "annotator", "state", "time (UTC)", "verdict", "reason")
    rows = [
        (str(c.id), c.annotator, _state(c), str(c.time or "")[:19].replace("T", " "), c.verdict, c.why)
        for c in story.completions
    ]
    terminal.print_table("Completions", columns, rows)
    contents = [(str(c.id), c.items, _counted(c.spans), _ticked(c), _fates(c)) for c in story.completions]
    terminal.print_table("Contents", ("completion", "items", "spans", "choices", "repaired or lost"), contents)


def _state(completion: CompletionStory) -> str:
    words = ["submitted" if completion.submitted else "not submitted"]
    words += ["starred"] if completion.starred else []
    return ", ".join([*words, *filter(None, [completion.review])])


def _counted(spans: dict[str, int] | None) -> str:
    if spans is None:
        return "no text"
    return ", ".join(f"{label} {count}" for label, count in spans.items()) or "none"


def _ticked(completion: CompletionStory) -> str:
    return "; ".join(f"{name}: {', '.join(ticked)}" for name, ticked in completion.choices.items())


def _fates(completion: CompletionStory) -> str:
    return ", ".join(f"{code} {count}" for code, count in {**completion.repaired, **completion.lost}.items())
