"""`alabtrain doctor`: what this machine has and what is missing."""

from __future__ import annotations

from alabtrain.console.arguments import JsonOption, as_command


@as_command
def command(as_json: JsonOption = False) -> None:
    """Report what this machine lacks to train on.

    What is there is listed, too. Nothing is started and nothing downloaded. Exit code 4 when something is missing
    that does not come by itself.
    """
    from alabtrain.console import terminal
    from alabtrain.core.errors import SetupError
    from alabtrain.inspect.doctor import diagnose

    diagnoses = diagnose()
    if as_json:
        terminal.print_json({"diagnoses": [diagnosis.to_dict() for diagnosis in diagnoses]})
    else:
        rows = [(d.what, d.status, d.found, d.hint) for d in diagnoses]
        terminal.print_table("This machine", ("what", "status", "found", "hint"), rows)
    missing = [diagnosis.what for diagnosis in diagnoses if diagnosis.status == "missing"]
    if missing:
        raise SetupError(f"not ready to train: {', '.join(missing)}", hint="see the hints above")
