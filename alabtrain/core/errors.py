"""The one family of errors that alabtrain raises.

A message says what is wrong, `where` names the place (file, task id, JSON pointer or XML line), `hint` says
what to do. Neither ever carries text of a document: the texts may be clinical.
"""

from __future__ import annotations

from typing import TypedDict


class ErrorJson(TypedDict):
    """An error as `error.json` of a run holds it."""

    code: str
    message: str
    where: str | None
    hint: str | None


class AlabtrainError(Exception):
    """A problem that the user can act on; the command line prints it without a traceback.

    `code` is a stable machine-readable name, `exit_code` what the process returns.
    """

    exit_code = 1
    code = "error"

    def __init__(
        self, message: str, *, where: str | None = None, hint: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        """Return `where: message`, as it would be printed on one line without the hint."""
        return f"{self.where}: {self.message}" if self.where else self.message

    def to_dict(self) -> ErrorJson:
        """Return the error as `error.json` of a run holds it; the terminal shows errors as text, with `--json` too."""
        return {"code": self.code, "message": self.message, "where": self.where, "hint": self.hint}


class CheckFailed(AlabtrainError):
    """A check found an error in the project."""

    exit_code = 1
    code = "check_failed"


class UsageError(AlabtrainError):
    """The options contradict each other or name something that does not exist."""

    exit_code = 2
    code = "usage"


class InputError(AlabtrainError):
    """A file cannot be read in the format that is expected of it."""

    exit_code = 3
    code = "invalid_input"


class SetupError(AlabtrainError):
    """Java, a jar, memory, disk or a licence is missing on this machine."""

    exit_code = 4
    code = "environment"


class TrainingError(AlabtrainError):
    """The engine failed while it trained or scored."""

    exit_code = 5
    code = "training_failed"


class NothingToTrain(AlabtrainError):
    """The project holds no example that a model could be trained on."""

    exit_code = 6
    code = "nothing_to_train"


class Interrupted(AlabtrainError):
    """The user asked the training to stop."""

    exit_code = 130
    code = "interrupted"
