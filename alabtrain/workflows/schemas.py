"""JSON Schemas of what alabtrain prints and writes, made of the types that it is made of, and of `alabtrain.yaml`."""

from __future__ import annotations

import inspect
import types
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Literal, Union, get_args, get_origin

from alabtrain.core.errors import UsageError
from alabtrain.core.json import Json, plain
from alabtrain.core.options import Option, Options, options_of, parts_of
from alabtrain.embeddings.catalogue import CatalogueJson
from alabtrain.inspect.agreement.options import AgreementOptions
from alabtrain.inspect.agreement.report import agreement_json
from alabtrain.inspect.check.report import CheckJson
from alabtrain.inspect.doctor import DoctorJson
from alabtrain.inspect.explain import Story
from alabtrain.inspect.show import Shown
from alabtrain.project.options import ProjectOptions
from alabtrain.runs.logs import LogJson, LogZipJson
from alabtrain.runs.shapes import RunRecord, RunsJson
from alabtrain.scoring.learning_curve import CurveJson
from alabtrain.scoring.results import METRICS, Metrics
from alabtrain.selection.decisions import SelectionJson
from alabtrain.selection.options import SelectionOptions
from alabtrain.store.entries import LocatedModel, ModelsJson, PackagedJson, RemovedJson
from alabtrain.trainers.options import LearningOptions
from alabtrain.trainers.registry import learning_options
from alabtrain.workflows.configs import (
    CurveOptions,
    DeployOptions,
    EvaluateConfig,
    ExportConfig,
    PreannotateConfig,
    RankConfig,
    WatchConfig,
)
from alabtrain.workflows.deploy import DeployJson
from alabtrain.workflows.evaluate import EvaluateJson
from alabtrain.workflows.export import ExportJson
from alabtrain.workflows.preannotate import Preannotated
from alabtrain.workflows.rank import RankJson
from alabtrain.workflows.train_config import TrainConfig
from alabtrain.workflows.train_steps import TrainJson
from alabtrain.workflows.watch import Look
from alabtrain.workflows.workspace import Workspace

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SETTINGS = "settings"
PRINTED: Mapping[str, tuple[object, ...]] = {
    "check": (CheckJson,),
    "select": (SelectionJson,),
    "why": (Story,),
    "show": (Shown,),
    "agreement": (agreement_json(),),
    "train": (TrainJson,),
    "runs": (RunsJson,),
    "logs": (LogJson, LogZipJson),
    "deploy": (DeployJson,),
    "models": (ModelsJson,),
    "models-show": (LocatedModel,),
    "models-import": (ModelsJson,),
    "models-remove": (RemovedJson,),
    "models-package": (PackagedJson,),
    "preannotate": (Preannotated,),
    "evaluate": (EvaluateJson,),
    "rank": (RankJson,),
    "watch": (Look,),
    "curve": (CurveJson,),
    "export": (ExportJson,),
    "embeddings": (CatalogueJson,),
    "doctor": (DoctorJson,),
}
"""What `--json` prints, by command: one of these types."""
FILES: Mapping[str, tuple[object, ...]] = {"run": (RunRecord,), "metrics": (dict[str, Metrics],)}
"""Files of a run folder, by name without their ending."""
OPTIONS: tuple[type[Options], ...] = (
    ProjectOptions, SelectionOptions, AgreementOptions, TrainConfig, LearningOptions, CurveOptions, WatchConfig,
    DeployOptions, PreannotateConfig, EvaluateConfig, RankConfig, ExportConfig, Workspace,
)  # fmt: skip
"""The options of all commands."""
_REFERENCE = "#/$defs/{name}"
_TYPES: Mapping[object, str] = {int: "integer", float: "number", bool: "boolean", str: "string", Path: "string"}


def schema_names() -> Iterator[tuple[str, str]]:
    """Yield the name of each schema, and what it describes."""
    for name in PRINTED:
        once = " --once" if name == "watch" else ""
        yield name, f"the object that `alabtrain {name.replace('-', ' ')}{once} --json` prints"
    for name in FILES:
        yield name, f"the file {name}.json of a run folder"
    yield SETTINGS, "the settings file alabtrain.yaml"


def make_schema(name: str) -> Json:
    """Return the JSON Schema (2020-12) of that name. Raises `UsageError` if there is none."""
    if name == SETTINGS:
        return _settings()
    found = PRINTED.get(name) or FILES.get(name)
    if found is None:
        import difflib

        known = [known for known, _what in schema_names()]
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean `{close[0]}`?" if close else f"one of {', '.join(known)}"
        raise UsageError(f"there is no schema `{name}`", hint=hint)
    return _of_types(dict(schema_names())[name], found)


def _of_types(title: str, found: tuple[object, ...]) -> Json:
    import msgspec

    schemas, components = msgspec.json.schema_components(
        (*found, *METRICS), schema_hook=_of_other_type, ref_template=_REFERENCE
    )
    own = list(schemas[: len(found)])
    roots = own[0] if len(own) == 1 else {"anyOf": own}
    used = _reached(roots, components)
    definitions = {name: _as_printed(components[name]) for name in sorted(used)}
    return {"$schema": DIALECT, "title": title[0].upper() + title[1:], **roots, "$defs": definitions}


def _of_other_type(cls: object) -> dict[str, object]:
    """Return the schema of a type that msgspec does not know."""
    if cls is Path:
        return {"type": "string"}
    if cls is Metrics:
        return {"anyOf": [{"$ref": _REFERENCE.format(name=one.__name__)} for one in METRICS]}
    if cls is object:
        return {"description": "any value"}
    raise NotImplementedError(cls)  # how a hook says to msgspec that it does not know a type


def _as_printed(component: Mapping[str, Json]) -> dict[str, Json]:
    """Return the schema of an object without defaults: what is printed has all fields."""
    properties = component.get("properties")
    if not isinstance(properties, dict):
        return dict(component)
    required = component.get("required")
    names = list(required) if isinstance(required, list) else []
    names += [name for name, one in properties.items() if "default" in one]
    plainly = {name: {k: v for k, v in one.items() if k != "default"} for name, one in properties.items()}
    return {
        **component,
        "description": inspect.cleandoc(str(component.get("description", ""))),
        "properties": plainly,
        "required": [name for name in properties if name in names],
    }


def _reached(schema: object, components: Mapping[str, object]) -> set[str]:
    """Return the names of the components that a schema refers to."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            name = str(one.get("$ref", "")).removeprefix(_REFERENCE.format(name=""))
            if name in components and name not in found:
                found.add(name)
                waiting.append(components[name])
            waiting += one.values()
        elif isinstance(one, (list, tuple)):
            waiting += one
    return found


def _settings() -> Json:
    """Return the schema of `alabtrain.yaml`: the options of all commands by their long names."""
    project = {"type": "string", "description": "The export: a zip, a folder, or a JSON file of tasks."}
    sections: dict[str, dict[str, Json]] = {}
    properties: dict[str, Json] = {"project": project}
    for cls in OPTIONS:
        for section, name, schema in _options(cls):
            (sections.setdefault(section, {}) if section else properties).setdefault(name, schema)
    for section, own in sections.items():
        properties.update({f"{section}.{name}": schema for name, schema in own.items()})
    properties.update({section: _closed(own) for section, own in sections.items()})
    return {
        "$schema": DIALECT,
        "title": "The settings file alabtrain.yaml",
        **_closed(properties),
    }


def _closed(properties: Mapping[str, Json]) -> dict[str, Json]:
    """Return the schema of an object with these properties alone, each also with `_` in place of `-`."""
    spelt = {name.replace("-", "_"): schema for name, schema in properties.items()}
    return {"type": ["object", "null"], "properties": {**properties, **spelt}, "additionalProperties": False}


def _options(cls: type[Options]) -> Iterator[tuple[str, str, Json]]:
    """Yield section, name and schema of the options of a class; those of one model type also without a section."""
    for one in options_of(cls):
        if not one.declared.once:
            name = one.long.removeprefix("--")
            yield "", name, _of_option(one)
            for former in one.declared.formerly:
                if former.startswith("--"):
                    yield "", former.removeprefix("--"), {**_of_option(one), "deprecated": True}
    for part, of_part in parts_of(cls):
        for section, name, schema in _options(of_part):
            yield section, name, schema
            if of_part in learning_options().values():
                yield part, name, schema


def _of_option(one: Option) -> dict[str, Json]:
    declared = one.declared
    default = {} if one.default in (None, ()) else {"default": plain(one.default)}
    bounds = {
        "minimum": declared.at_least,
        "maximum": declared.at_most,
        "exclusiveMinimum": declared.above,
        "exclusiveMaximum": declared.below,
    }
    known = {key: bound for key, bound in bounds.items() if bound is not None}
    return {
        "description": declared.help,
        **default,
        "anyOf": [*_of_hint(one.type, declared.among, known), {"type": "null"}],
    }


def _of_hint(hint: object, words: Collection[str], bounds: Mapping[str, Json]) -> Iterator[Json]:
    """Yield the schemas of the values that a settings file may have for an option of this type."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        for one in inner:
            if one is not type(None):
                yield from _of_hint(one, words, bounds)
    elif origin is Literal:
        yield {"enum": list(inner)}
    elif origin is tuple:
        item: list[Json] = list(_of_hint(inner[0], words, bounds))
        if inner[0] is str and not words:
            item.append({"type": "number"})  # such as an id
        yield {"type": "array", "items": {"anyOf": item}}
        yield from item
        if not words:
            yield {"type": "string"}  # a,b
    elif words:
        yield {"enum": list(words)}
    else:
        yield {"type": _TYPES[hint], **(bounds if hint in (int, float) else {})}
