"""`alabtrain doctor`: the requirements of a training that this machine has, and those that are missing."""

from __future__ import annotations

from alabtrain.console.arguments import JsonOption, as_command


@as_command
def command(as_json: JsonOption = False) -> None:
    """Report what this machine lacks to train on.

    The list contains what the machine has, too. The command starts and downloads nothing. The exit code is 4 if
    something is missing that alabtrain does not download itself.
    """
    from alabtrain.console import terminal
    from alabtrain.core.errors import SetupError
    from alabtrain.inspect.doctor import DoctorJson, diagnose

    diagnoses = diagnose()
    if as_json:
        answer: DoctorJson = {"diagnoses": diagnoses}
        terminal.print_json(answer)
    else:
        rows = [(d.what, d.status, d.found, d.hint) for d in diagnoses]
        terminal.print_table("This machine", ("what", "status", "found", "hint"), rows)
    missing = [diagnosis.what for diagnosis in diagnoses if diagnosis.status == "missing"]
    if missing:
        raise SetupError(f"not ready to train: {', '.join(missing)}", hint="see the hints above")
