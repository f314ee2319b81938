"""Options as fields: what the library takes is what the command line offers, written once.

An options class is a frozen dataclass that inherits from `Options`; each field that a user may set is declared with
`option(...)`, which keeps its help, its bounds and its default together. The library checks the bounds whenever such
a value is made; `alabtrain/console/options.py` expands the fields into the options of a command, of the environment
and of `alabtrain.yaml`. A field without `option(...)` is the library's own business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import ClassVar, TypeVar, get_type_hints

from alabtrain.core.errors import UsageError

_KEY = "alabtrain"
_ANY_INTEGER = 2**31 - 1  # a bound of the engine's that nobody has to know
AnyOptions = TypeVar("AnyOptions", bound="Options")
Default = TypeVar("Default")


@dataclass(frozen=True, slots=True)
class Declared:
    """The declaration of a field: see `option`."""

    help: str
    names: tuple[str, ...]
    off: str | None
    at_least: float | None
    at_most: float | None
    above: float | None
    below: float | None
    among: Collection[str]
    metavar: str | None
    default_text: str | None
    once: bool
    panel: str | None
    repeated: bool
    formerly: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A field of an options class that a user may set; `type` is its annotation, resolved."""

    name: str
    type: object
    default: object
    declared: Declared
    panel: str

    @property
    def bounds(self) -> str:
        """Its bounds in words, as in `1 to 20` or `above 0, at most 1`; empty where it has none."""
        declared = self.declared
        if declared.at_least is None or declared.at_most is None:
            return _bounds(declared).replace(" and ", ", ")
        if declared.at_most >= _ANY_INTEGER:
            return f"at least {_written(declared.at_least)}"
        return f"{_written(declared.at_least)} to {_written(declared.at_most)}"

    def accepts(self, number: float) -> bool:
        """Whether a number is within the bounds."""
        return not _outside(self.declared, number)

    @property
    def long(self) -> str:
        """Its long name on the command line, as in `--learning-rate`."""
        long = next((name for name in self.declared.names if name.startswith("--")), None)
        return long or "--" + self.name.replace("_", "-")


def option(
    default: Default,
    help: str,  # noqa: A002 - the field's word for it, as in Typer
    *,
    names: tuple[str, ...] = (),
    off: str | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    above: float | None = None,
    below: float | None = None,
    among: Collection[str] = (),
    metavar: str | None = None,
    default_text: str | None = None,
    once: bool = False,
    panel: str | None = None,
    repeated: bool = False,
    formerly: tuple[str, ...] = (),
) -> Default:
    """Declare a field that a user may set.

    `names` are its names on the command line where `--field-name` is not enough, as in `("-o", "--output")`; `off` is
    the name that switches it off, as in `--last-model` (a bool has `--no-…` unless it is False by default). `at_least`
    and `at_most` are bounds that are allowed themselves, `above` and `below` are not. `among` are the words that are
    allowed. `default_text` says in the help what None stands for. `once` means that it is about a single call: neither
    the environment nor `alabtrain.yaml` may set it. `panel` is the heading in the help, else that of the class. A tuple
    is written with commas (`a,b`), a `repeated` one by giving the option several times. `formerly` are names that it
    had before: they still work, and say that they are deprecated.
    """
    declared = Declared(
        help, names, off, at_least, at_most, above, below, among, metavar, default_text, once, panel, repeated, formerly
    )  # fmt: skip
    return field(default=default, metadata={_KEY: declared})


@dataclass(frozen=True, slots=True)
class Options:
    """The base of all options classes; `PANEL` is the heading of their options in the help."""

    PANEL: ClassVar[str] = "Options"

    def __post_init__(self) -> None:
        """Raise `UsageError` where a value is out of its bounds."""
        for one in options_of(type(self)):
            _check(one, getattr(self, one.name))


def options_of(cls: type[Options]) -> Iterator[Option]:
    """Yield the fields of an options class that a user may set, in their order."""
    hints = get_type_hints(cls)
    for one in fields(cls):
        declared = one.metadata.get(_KEY)
        if declared is not None:
            default = None if one.default is MISSING else one.default
            yield Option(one.name, hints[one.name], default, declared, declared.panel or cls.PANEL)


def parts_of(cls: type[Options]) -> Iterator[tuple[str, type[Options]]]:
    """Yield the fields of an options class that are options classes themselves, as `TrainConfig.split` is."""
    hints = get_type_hints(cls)
    for one in fields(cls):
        hint = hints[one.name]
        if isinstance(hint, type) and issubclass(hint, Options):
            yield one.name, hint


def build(cls: type[AnyOptions], values: Mapping[str, object], prefix: str = "") -> AnyOptions:
    """Make an options value, and those that are its parts, of values by the names of their fields.

    A name sets every field that is called so, in whatever part; with the name of its part before it, as in
    `ner.epochs`, the field of that part alone. What is None or not there is left to the defaults. Raises `UsageError`
    where a value is out of its bounds.
    """
    chosen: dict[str, object] = {name: build(part, values, name) for name, part in parts_of(cls)}
    for one in options_of(cls):
        value = values.get(f"{prefix}.{one.name}")
        value = values.get(one.name) if value is None else value
        if value is not None:
            chosen[one.name] = value
    return cls(**chosen)


def _check(one: Option, value: object) -> None:
    if value is None:
        return
    declared = one.declared
    values = value if isinstance(value, tuple) else (value,)
    if declared.among and not all(each in declared.among for each in values):
        raise UsageError(f"{one.long} must be one of {', '.join(declared.among)}")
    for each in values:
        if isinstance(each, (int, float)) and not isinstance(each, bool) and _outside(declared, each):
            raise UsageError(f"{one.long} must be {_bounds(declared)}, not {_written(each)}")


def _outside(declared: Declared, value: float) -> bool:
    return (
        value != value  # NaN
        or (declared.at_least is not None and value < declared.at_least)
        or (declared.at_most is not None and value > declared.at_most)
        or (declared.above is not None and value <= declared.above)
        or (declared.below is not None and value >= declared.below)
    )


def _bounds(declared: Declared) -> str:
    bounds = (
        ("at least", declared.at_least),
        ("above", declared.above),
        ("at most", declared.at_most),
        ("below", declared.below),
    )
    return " and ".join(f"{words} {_written(bound)}" for words, bound in bounds if bound is not None)


def _written(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"
