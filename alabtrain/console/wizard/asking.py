"""The wizard on the terminal, drawn with questionary; it needs only a keyboard, so it also works over ssh."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from alabtrain.console import terminal
from alabtrain.console.wizard.questions import STEPS, Answer, Answers, Question
from alabtrain.console.wizard.settings import Settings
from alabtrain.core.errors import Interrupted, UsageError
from alabtrain.core.findings import Finding, worst_first

TRAIN, WRITE, AGAIN, LEAVE = "train", "write", "again", "leave"
MOST_HINTS = 4


def require_terminal() -> None:
    """Raise `UsageError` if stdin or stdout is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the wizard asks questions, but there is no terminal to answer them",
            hint="`alabtrain train --help` lists the options; a settings file is run with `alabtrain train -c FILE`",
        )


def ask_all(questions: Sequence[Question]) -> dict[str, Answer]:
    """Ask the questions and return the answers by option. Raises `Interrupted` on Ctrl-C."""
    answers: dict[str, Answer] = {}
    step = -1
    for question in questions:
        if not question.asked(answers):
            continue
        if question.step != step:
            step = question.step
            terminal.say(f"\nStep {step + 1} of {len(STEPS)}: {STEPS[step]}", style="bold")
        _show_hints(question)
        answers[question.key] = _ask(question)
    return answers


def show_synthesis(questions: Sequence[Question], answers: Answers, settings: Settings) -> None:
    """Print all answers as a table, and the command line that does the same."""
    rows = [(STEPS[q.step], f"--{q.key}", _shown(answers[q.key])) for q in questions if q.key in answers]
    terminal.print_table("Synthesis", ("step", "option", "answer"), rows)
    terminal.say(f"\n{settings.command_line}", style="bold")


def ask_end(command: str, file: str) -> str:
    """Return the user's choice: TRAIN, WRITE, AGAIN or LEAVE. Raises `Interrupted`."""
    verb = "watch" if command == "watch" else "train"
    choices = [
        (TRAIN, f"write {file}, and {verb} now"),
        (WRITE, f"write {file}"),
        (AGAIN, "begin again"),
        (LEAVE, "leave, and write nothing"),
    ]
    return str(_ask(Question(2, "end", "one", "And now?", TRAIN, choices)))


def ask_overwrite(name: str) -> bool:
    """Return whether an existing file may be replaced. Raises `Interrupted`."""
    return bool(_ask(Question(2, "overwrite", "yes", f"{name} already exists. Replace it?", default=False)))


def _show_hints(question: Question) -> None:
    if question.note:
        terminal.say(question.note, style="dim")
    hints: list[Finding] = worst_first(question.hints)
    for hint in hints[:MOST_HINTS]:
        terminal.say(f"{hint.severity}: {hint.message}", style=terminal.SEVERITY_STYLES[hint.severity])
    if len(hints) > MOST_HINTS:
        terminal.say(f"… and {len(hints) - MOST_HINTS} more (`alabtrain check` lists them)", style="dim")


def _ask(question: Question) -> Answer:
    import questionary

    def valid(answer: str | list[str]) -> bool | str:
        return question.problem(answer) or True

    default = question.default
    ticked = default if isinstance(default, list) else []
    choices = [
        questionary.Choice(terminal.plain(title), value=value, checked=value in ticked)
        for value, title in question.choices
    ]
    asked = {
        "several": lambda: questionary.checkbox(question.message, choices=choices, validate=valid),
        "one": lambda: questionary.select(question.message, choices=choices, default=str(default)),
        "yes": lambda: questionary.confirm(question.message, default=bool(default)),
    }
    text = partial(questionary.text, question.message, default=str(default), validate=valid)
    try:
        answer: Answer = asked.get(question.answer_type, text)().unsafe_ask()
    except (KeyboardInterrupt, EOFError):
        raise Interrupted("the wizard was interrupted; no file was written") from None
    return answer


def _shown(answer: Answer) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return ", ".join(answer) if isinstance(answer, list) else str(answer) or "(default)"
