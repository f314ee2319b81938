"""`alabtrain wizard`: questions instead of options."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alabtrain.console.arguments import ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.settings import SETTINGS_FILE, find_project, read_settings
from alabtrain.project.options import ProjectOptions

if TYPE_CHECKING:
    from alabtrain.console.wizard.questions import Question
    from alabtrain.console.wizard.settings import Settings
    from alabtrain.project.project import Project

OutputOption = Annotated[
    Path,
    typer.Option(
        "-o", "--output", path_type=Path, metavar="FILE", rich_help_panel="Output", help="The settings file to write."
    ),
]


@as_command
def command(
    project: ProjectArgument = None, output: OutputOption = Path(SETTINGS_FILE), *, files: ProjectOptions
) -> None:
    """Ask what to train and how, and write alabtrain.yaml.

    There are three steps. The findings of a check are shown with the question that they concern. At the end there is a
    synthesis, the command line that does the same, and the training, if you like. Use arrow keys, space and Enter;
    Ctrl-C leaves and writes nothing.
    """
    from alabtrain.console.wizard.asking import AGAIN, LEAVE, TRAIN, ask_all, ask_end, require_terminal, show_synthesis
    from alabtrain.console.wizard.settings import make_settings

    require_terminal()
    path = find_project(project)
    questions = _questions(open_given(path, files))
    kept = _kept(files, output)
    while True:
        answers = ask_all(questions)
        settings = make_settings(path, questions, answers, kept)
        show_synthesis(questions, answers, settings)
        end = ask_end(settings.command, str(output))
        if end != AGAIN:
            break
    if end == LEAVE or not _write(settings, output):
        return
    if end == TRAIN:
        from alabtrain.console.process import run

        raise typer.Exit(run([settings.command, "--settings", str(output)]))


def _kept(files: ProjectOptions, output: Path) -> dict[str, object]:
    """Return the options without a question: those of the existing settings file, and those of the command line."""
    there = read_settings(output) if output.is_file() else {}
    given = {name.replace("_", "-"): value for name, value in asdict(files).items()}
    return {**there, **{name: str(value) for name, value in given.items() if value is not None}}


def _questions(opened: Project) -> list[Question]:
    from alabtrain.console.wizard.questions import make_questions
    from alabtrain.core.languages.detect import settle_language
    from alabtrain.core.languages.registry import language_of
    from alabtrain.inspect.check import run_checks
    from alabtrain.selection.select import select_project

    report = run_checks(opened, select_project(opened))
    key = opened.config.text_key if opened.config else "text"
    texts = (text for task in opened.tasks() if isinstance(text := task.data.get(key), str))
    lang, _findings = settle_language(texts)
    return make_questions(report, _groups(opened), language_of(lang))


def _groups(opened: Project) -> list[str]:
    """Return the names of the groups of choices; first is the one that a training would use."""
    from alabtrain.labeling.choices import default_groups

    if opened.config is None:
        return []
    first = {group.name for group in default_groups(opened.config)}
    return sorted((group.name for group in opened.config.usable_choices), key=lambda name: (name not in first, name))


def _write(settings: Settings, output: Path) -> bool:
    """Write the settings file, unless the user wants to keep the existing one; return whether it was written."""
    from alabtrain.console import terminal
    from alabtrain.console.wizard.asking import ask_overwrite
    from alabtrain.core.files import write_aside

    if output.exists() and not ask_overwrite(str(output)):
        terminal.note(f"{output} was not changed")
        return False
    write_aside(output, settings.to_yaml(output).encode())
    terminal.say(f"\nsettings {output}\ncommand  {settings.command_line}")
    return True
