"""Options classes as options of commands: from a field to the command line, and back to a value.

A command is a function whose parameters are options classes (see `alabtrain.core.options`) and parameters that are
declared for Typer; `expanded` gives it the signature that Typer reads. If several parts of an options class have a
field with the same name (the model types have `epochs`), there is one option for all of them and a hidden one for each
(`--ner.epochs`), which takes precedence.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

import typer
from typer.models import ArgumentInfo

from alabtrain.console.settings import DEFAULT, FLAG, load_settings, source_of
from alabtrain.core.options import Option, Options, build, options_of, parts_of

Result = TypeVar("Result")
KEYWORD = inspect.Parameter.KEYWORD_ONLY
CONTEXT = "_context"
SETTINGS = "_settings"
DOT = "__"  # stands for the dot of `ner.epochs` in the name of a parameter
LAST_RELEASE = "0.3"
"""The last release with the former names of options."""


@dataclass(frozen=True, slots=True)
class Without:
    """Fields of an `Annotated` options class that are no options of a command; they keep their defaults."""

    names: frozenset[str]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", frozenset(names))


@dataclass(frozen=True, slots=True)
class Setting:
    """An option of a command; `name` is that of the field, with the part before it if it is of one (`ner.epochs`).

    `text` describes the default in the help, `scope` the parts that have the option.
    """

    name: str
    option: Option
    text: str
    scope: str = ""
    shared: bool = False

    @property
    def dotted(self) -> bool:
        """Whether the option is that of one part, which the help lists separately."""
        return "." in self.name

    @property
    def parameter(self) -> str:
        """The name of the function's parameter."""
        return self.name.replace(".", DOT)


def expanded(function: Callable[..., Result]) -> Callable[..., Result]:
    """Return the function with a signature for Typer: options instead of options classes, which a call builds."""
    classes: dict[str, type[Options]] = {}
    settings: dict[str, list[Setting]] = {}
    arguments = [inspect.Parameter(CONTEXT, KEYWORD, annotation=typer.Context)]
    parameters: list[inspect.Parameter] = []
    own: list[inspect.Parameter] = []
    wants_context: list[str] = []
    taken: set[str] = set()
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        if parameter.annotation is typer.Context:
            wants_context.append(parameter.name)
            continue
        cls, without = _options_class(parameter.annotation)
        if cls is None:
            only_by_name = inspect.Parameter(
                parameter.name, KEYWORD, default=parameter.default, annotation=parameter.annotation
            )
            (arguments if _is_argument(parameter) else own).append(only_by_name)
            continue
        classes[parameter.name] = cls
        settings[parameter.name] = list(settings_of(cls, without))
        fresh = [one for one in settings[parameter.name] if one.name not in taken]
        taken.update(one.name for one in fresh)
        parameters += [parameter for one in fresh for parameter in _parameters(one)]
    if classes:
        parameters.append(_settings_parameter())

    def call(**values: object) -> Result:
        ctx = cast("typer.Context", values.pop(CONTEXT))
        values.pop(SETTINGS, None)
        every = [one for group in settings.values() for one in group]
        _take_former_names(ctx, every, values)
        options = {
            name: build(cls, {one.name: _value(values[one.parameter]) for one in settings[name]})
            for name, cls in classes.items()
        }
        for one in every:
            values.pop(one.parameter, None)
        return function(**values, **options, **dict.fromkeys(wants_context, ctx))

    call.__name__, call.__doc__, call.__module__ = function.__name__, function.__doc__, function.__module__
    call.__signature__ = inspect.Signature([*arguments, *parameters, *own])  # type: ignore[attr-defined]  # Typer reads it
    call.__annotations__ = {}
    return call


def settings_of(cls: type[Options], without: frozenset[str] = frozenset()) -> Iterator[Setting]:
    """Yield the options of an options class and its parts; an option that parts share comes once."""
    own = [one for one in options_of(cls) if one.name not in without]
    yield from (Setting(one.name, one, _default(one)) for one in own)
    parts = dict(parts_of(cls))
    names = {part: {one.name for one in options_of(of_part)} for part, of_part in parts.items()}
    alike = [part for part in parts if any(names[part] & names[other] for other in parts if other != part)]
    for part, of_part in parts.items():
        if part not in alike and part not in without:
            yield from settings_of(of_part, without | {one.name for one in own})
    shared = {part: parts[part] for part in alike}
    fields = dict.fromkeys(one.name for of_part in shared.values() for one in options_of(of_part))
    for name in fields:
        yield _of_several(name, shared)
    for part, of_part in shared.items():
        yield from (Setting(f"{part}.{one.name}", one, _default(one)) for one in options_of(of_part))


def learning_flags(ctx: typer.Context, cls: type[Options]) -> frozenset[str]:
    """Return the options of parts that the command line sets, whether shared (`epochs`) or not (`ner.epochs`)."""
    names = (one for one in settings_of(cls) if one.dotted or one.shared)
    return frozenset(one.name for one in names if source_of(ctx, one.parameter) == FLAG)


def provenance(ctx: typer.Context) -> dict[str, str]:
    """Return the source of each option's value by the name of its field (`epochs`, `ner.epochs`).

    An option of one model type that is not set is left out, as its value comes from the option for all types.
    """
    found = {
        parameter.name.replace(DOT, "."): source
        for parameter in ctx.command.params
        if parameter.name and (source := source_of(ctx, parameter.name)) is not None
    }
    given = {name: source for name, source in found.items() if "." not in name or source != DEFAULT}
    return {**given, **ctx.meta.get(__name__, {})}


def _settings_parameter() -> inspect.Parameter:
    info = typer.Option(
        "-c",
        "--settings",
        envvar="ALABTRAIN_SETTINGS",
        show_envvar=False,
        path_type=Path,  # type: ignore[arg-type]  # any type that is built from a text
        metavar="PATH",
        is_eager=True,
        expose_value=False,
        callback=load_settings,
        show_default="alabtrain.yaml, if there is one",
        rich_help_panel="Project",
        help="Read options from this YAML file.",
    )
    return inspect.Parameter(SETTINGS, KEYWORD, default=None, annotation=Annotated[Path, info])


def _is_argument(parameter: inspect.Parameter) -> bool:
    """Return whether a parameter that is no options class is an argument or the context, which come first."""
    more = get_args(parameter.annotation)[1:] if get_origin(parameter.annotation) is Annotated else ()
    return not more or isinstance(more[0], ArgumentInfo)


def _options_class(annotation: object) -> tuple[type[Options] | None, frozenset[str]]:
    without: frozenset[str] = frozenset()
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        without = next((one.names for one in more if isinstance(one, Without)), without)
    return (annotation if isinstance(annotation, type) and issubclass(annotation, Options) else None), without


def _of_several(name: str, parts: Mapping[str, type[Options]]) -> Setting:
    """Return the option for a field of all parts that have it; its help has the defaults of each part."""
    found = {part: one for part, of_part in parts.items() for one in options_of(of_part) if one.name == name}
    by_default: dict[str, list[str]] = {}
    for part, one in found.items():
        by_default.setdefault(_default(one), []).append(part)
    defaults = []
    for number, (text, owners) in enumerate(by_default.items()):
        rest = 0 < number == len(by_default) - 1 and len(owners) > 1
        defaults.append(f"{'others' if rest else ', '.join(owners)} {text}")
    missing = [part for part in parts if part not in found]
    scope = ""
    if missing:
        scope = f"Not for {' and '.join(missing)}." if len(missing) == 1 else f"For {' and '.join(found)}."
    first = next(iter(found.values()))
    return Setting(
        name, first, next(iter(by_default)) if len(by_default) == 1 else "; ".join(defaults), scope, shared=True
    )


def _default(one: Option) -> str:
    """Return a description of the default for the help; empty if there is none."""
    value = one.default
    if one.declared.default_text is not None:
        return one.declared.default_text
    if isinstance(value, bool):
        on = one.long.removeprefix("--")
        off = (one.declared.off or "").removeprefix("--")
        return on if value else off
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ",".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value)
    return "" if value is None else str(value)


def _parameters(setting: Setting) -> Iterator[inspect.Parameter]:
    one = setting.option
    prefix = setting.name.rpartition(".")[0]
    names = list(one.declared.names) or [one.long]
    if prefix:
        names = [f"--{prefix}.{one.long.removeprefix('--')}"]
    several = prefix or setting.shared
    yield _parameter(setting, setting.parameter, names, hidden=bool(prefix), default=None if several else one.default)
    for former in one.declared.formerly:
        if former.startswith("--"):
            aliases = [name for name in one.declared.formerly if name == former or not name.startswith("--")]
            yield _parameter(setting, _former_parameter(former), aliases, hidden=True, default=None)


def _parameter(
    setting: Setting, name: str, names: Sequence[str], *, hidden: bool, default: object
) -> inspect.Parameter:
    one, declared = setting.option, setting.option.declared
    annotation, more = _as_typer_has_it(one)
    long = next(each for each in names if each.startswith("--"))
    if annotation is bool:
        off = _off(one, long)
        names = [f"{long}/{off}"] if off else [long]
    info = typer.Option(
        *names,
        help=_help(setting),
        envvar=None if declared.once else variable(long),
        show_default=setting.text or False,
        show_envvar=False,
        rich_help_panel=one.panel,
        hidden=hidden,
        **more,
    )
    if get_origin(annotation) is list and isinstance(default, tuple):
        default = list(default)
    return inspect.Parameter(name, KEYWORD, default=default, annotation=Annotated[annotation, info])


def variable(long: str) -> str:
    """Return the environment variable of an option by its long name."""
    return "ALABTRAIN_" + long.lstrip("-").replace("-", "_").replace(".", "_").upper()


def _help(setting: Setting) -> str:
    bounds = setting.option.bounds
    return " ".join(filter(None, (setting.option.declared.help, setting.scope, bounds and f"({bounds})")))


def _off(one: Option, long: str) -> str | None:
    """Return the name that switches a bool off; None if it is off by default and has no such name."""
    prefix, dot, name = long.removeprefix("--").rpartition(".")
    if one.declared.off is not None:
        return f"--{prefix}{dot}{one.declared.off.removeprefix('--')}"
    return None if one.default is False else f"--{prefix}{dot}no-{name}"


def _as_typer_has_it(one: Option) -> tuple[object, dict[str, Any]]:
    """Return the annotation that Typer reads for a field, and further arguments of its option."""
    hint, declared = _without_none(one.type), one.declared
    words = declared.among or (get_args(hint) if get_origin(hint) is Literal else ())
    items = get_args(hint) if get_origin(hint) is tuple else ()
    if items and items[-1] is Ellipsis:
        if declared.repeated:
            # In lists, Typer accepts the allowed words only as an Enum.
            item = Enum(one.name, {word: word for word in words}) if words else items[0]
            return list[item], {"metavar": declared.metavar or ("|".join(words) or None)}  # type: ignore[valid-type]
        parser = _separated(items[0])
        return str, {"parser": parser, "metavar": declared.metavar or "a,b,…"}
    if words:
        return Literal[words], {"metavar": declared.metavar or "|".join(words)}
    if hint is bool:
        return bool, {}
    more = {"metavar": declared.metavar or METAVARS.get(hint)}
    return hint, {**more, "path_type": Path} if Path in (hint, *items) else more


METAVARS: Mapping[object, str] = {int: "N", float: "X", str: "TEXT", Path: "PATH"}


def _without_none(hint: object) -> object:
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
    return hint


def _separated(item: Callable[[str], object]) -> Callable[[object], tuple[object, ...]]:
    """Return a parser of `a,b,c` (in alabtrain.yaml also a list) to a tuple of stripped, non-empty items."""

    def parse(value: object) -> tuple[object, ...]:
        parts = value if isinstance(value, (list, tuple)) else str(value).split(",")
        try:
            return tuple(item(str(part).strip()) for part in parts if str(part).strip())
        except ValueError:
            raise typer.BadParameter(f"{value!r} is not a list of numbers.") from None

    return parse


def _value(value: object) -> object:
    if isinstance(value, list):
        return tuple(item.value if isinstance(item, Enum) else item for item in value)
    return value


def _former_parameter(name: str) -> str:
    return name.lstrip("-").replace("-", "_")


def _take_former_names(ctx: typer.Context, settings: Sequence[Setting], values: dict[str, object]) -> None:
    """Move a value with a former name to the option, unless that has a value of its own; print a note about it."""
    from alabtrain.console import terminal
    from alabtrain.console.settings import RANKS

    for setting in settings:
        for former in setting.option.declared.formerly:
            name = _former_parameter(former)
            if not former.startswith("--") or name not in values:
                continue
            value = values.pop(name)
            source, present = source_of(ctx, name), source_of(ctx, setting.parameter)
            if value is None or source is None or present is None:
                continue
            terminal.note(_deprecation(source, former, setting.option.long))
            if RANKS.index(source) < RANKS.index(present):
                values[setting.parameter] = value
                ctx.meta.setdefault(__name__, {})[setting.name] = source


def _deprecation(source: str, former: str, now: str) -> str:
    names = {FLAG: (former, now), "environment": (variable(former), variable(now))}
    old, new = names.get(source, (f"`{former.lstrip('-')}:` in {source}", f"`{now.lstrip('-')}:`"))
    return f"{old} is now {new}; the former name works until alabtrain {LAST_RELEASE}"
