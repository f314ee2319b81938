"""Options from `alabtrain.yaml` and from the environment (`ALABTRAIN_*`), and the default project.

Precedence: flags, then the environment, then `alabtrain.yaml`, then the defaults (Typer keeps track of it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer.core import TyperOption

from alabtrain.core.errors import InputError, UsageError

if TYPE_CHECKING:
    from typer._click import Command, Parameter

SETTINGS_FILE = "alabtrain.yaml"
FLAG, DEFAULT = "flag", "default"
SOURCES = {
    "COMMANDLINE": FLAG,
    "ENVIRONMENT": "environment",
    "DEFAULT_MAP": SETTINGS_FILE,
    "DEFAULT": DEFAULT,
    "PROMPT": FLAG,
}
RANKS = (FLAG, "environment", SETTINGS_FILE, DEFAULT)
"""The sources of a value, in the order of their precedence."""


def read_settings(path: Path) -> dict[str, object]:
    """Return the options of a settings file by their long names (`learning_rate` as `learning-rate`).

    Options of a section are named with it: `epochs` in `ner:` is `ner.epochs`. An option without a value is left out.

    Raises `InputError` if the file cannot be read or is not a YAML mapping of option names.
    """
    import yaml

    try:
        loaded = yaml.safe_load(path.read_bytes())
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError("this is not valid YAML", where=f"{path}{line}") from None
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(path)) from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise InputError("expected `option: value` lines", where=str(path))
    return dict(_flat(loaded))


def _flat(settings: Mapping[object, object], section: str = "") -> Iterator[tuple[str, object]]:
    for key, value in settings.items():
        name = section + _normal(str(key))
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        elif value is not None:
            yield name, value


def _normal(name: str) -> str:
    return name.replace("_", "-")


def long_names(command: Command) -> dict[str, Parameter]:
    """Return the parameters that a settings file may set for a command, by long name.

    These are PROJECT and the options with an environment variable; the others apply to a single call. The name of
    `--best-model/--last-model` is the first one.
    """
    found: dict[str, Parameter] = {}
    for parameter in command.params:
        if parameter.name == "project":
            found["project"] = parameter
        elif isinstance(parameter, TyperOption) and parameter.envvar and parameter.expose_value:
            long = next(name for name in parameter.opts if name.startswith("--"))
            found[long.removeprefix("--")] = parameter
    return found


def settings_of(name: str) -> dict[str, Parameter]:
    """Return the parameters that a settings file may set for the named command, by long name."""
    from alabtrain.console.application import cli

    command = cli.get_command(typer.Context(cli), name)
    return long_names(command) if command else {}


def load_settings(ctx: typer.Context, _parameter: typer.CallbackParam, value: Path | None) -> Path | None:
    """Set the command's defaults from `value`, else from `alabtrain.yaml` in the current folder (called by Typer).

    Raises `UsageError` if there is no file `value`, `InputError` if the file is not valid.
    """
    path = value or Path(SETTINGS_FILE)
    if not path.is_file():
        if value is None:
            return None
        raise UsageError("no such file", where=str(path))
    settings = read_settings(path)
    _refuse_unknown(settings, path)
    defaults: dict[str, object] = dict(ctx.default_map or {})
    for long, parameter in long_names(ctx.command).items():
        if _normal(long) in settings and parameter.name:
            given = settings[_normal(long)]
            defaults[parameter.name] = [given] if parameter.multiple and not isinstance(given, list) else given
    ctx.default_map = defaults
    return path


def _refuse_unknown(settings: Mapping[str, object], path: Path) -> None:
    from alabtrain.console.application import COMMANDS

    known = {long for name in COMMANDS for long in map(_normal, settings_of(name))}
    for key in settings:
        if key not in known:
            import difflib

            close = difflib.get_close_matches(key, sorted(known), n=1)
            hint = f"did you mean `{close[0]}`?" if close else "`alabtrain COMMAND --help` lists the options"
            raise InputError(f"unknown option `{key}`", where=str(path), hint=hint)


def source_of(ctx: typer.Context, parameter: str) -> str | None:
    """Return the source of a parameter's value, one of `RANKS`; None if there is no such parameter."""
    source = ctx.get_parameter_source(parameter)
    return None if source is None else SOURCES[source.name]


def value_from_elsewhere(ctx: typer.Context, name: str) -> Path | None:
    """Return a parameter's path from the environment, else from the settings file, never from the command line."""
    parameter = next(p for p in ctx.command.params if p.name == name)
    value = parameter.value_from_envvar(ctx) or (ctx.default_map or {}).get(name)
    return Path(str(value)) if value else None


def find_project(value: Path | None) -> Path:
    """Return the given project, else the only export in the current folder.

    Raises `UsageError` if there is no export, or more than one.
    """
    if value is not None:
        return value
    here = Path()
    if (here / "result.json").is_file():
        return here
    exports = sorted(p for p in here.iterdir() if p.suffix == ".zip" and p.is_file())
    exports = exports or sorted(p for p in here.glob("*.json") if p.name != "project.json")
    if len(exports) == 1:
        return exports[0]
    if not exports:
        raise UsageError(
            "PROJECT is missing, and this folder contains no export",
            hint="give one: alabtrain COMMAND project.zip, or `project: …` in alabtrain.yaml",
        )
    names = ", ".join(p.name for p in exports[:5])
    raise UsageError(
        f"PROJECT is missing, and this folder contains {len(exports)} exports: {names}", hint="give one of them"
    )
