"""A type of model is a folder: no file outside it knows its name, and it has what the registry promises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

import alabtrain
from alabtrain.trainers.options import LearningOptions
from alabtrain.trainers.registry import find_type, type_names

PACKAGE = Path(alabtrain.__file__).parent
FOLDERS = sorted(file.parent for file in (PACKAGE / "trainers").glob("*/type.py"))
NAMES = frozenset(type_names())

LISTS = frozenset({"trainers/registry.py", "trainers/options.py"})
"""The two files that list the types."""

PUBLIC = "__init__.py"
"""The file of the public API, which has the options classes of the types and no more of them."""

NO_TYPES = frozenset({("spark/annotators.py", "TAG = 'ner'"), ("labeling/config.py", "_is_true(tag, 'assertion')")})
"""Strings that name no type: the column of a tagger, and an attribute of the labeling config."""


def names_in(source: str, file: str = "") -> list[tuple[int, str]]:
    """Return line and value of each string constant that names a type, or begins a label type of it."""
    nodes = list(ast.walk(ast.parse(source)))
    allowed = [
        node for node in nodes if isinstance(node, (ast.Assign, ast.Call)) and (file, ast.unparse(node)) in NO_TYPES
    ]
    others = {id(part) for node in allowed for part in ast.walk(node)}
    return [
        (node.lineno, node.value)
        for node in nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.removesuffix(":") in NAMES
        and id(node) not in others
    ]


def imports_in(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, type and full name of each import from the folder of a type."""
    for node in ast.walk(ast.parse(source)):
        imported: list[str] = []
        if isinstance(node, ast.ImportFrom):
            imported = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        for name in imported:
            found = re.match(r"alabtrain\.trainers\.(\w+)", name)
            if found and found[1] in NAMES:
                yield node.lineno, found[1], name


def type_of(file: Path) -> str | None:
    """Return the type in whose folder a file is."""
    return next((folder.name for folder in FOLDERS if folder in file.parents), None)


def test_what_names_a_type_is_found() -> None:
    assert names_in("if one == 'ner' or one in ('x', 'assertion'): pass") == [(1, "ner"), (1, "assertion")]
    assert names_in("def f():\n    '''About ner.'''\n    return f'classification:{group}'") == [(3, "classification:")]
    assert names_in("TAG = 'ner'", "spark/annotators.py") == []
    assert names_in("TAG = 'ner'\nOTHER = 'ner'", "spark/annotators.py") == [(2, "ner")]
    assert names_in("TAG = 'ner'", "spark/saved.py") == [(1, "ner")]


def test_imports_from_a_type_are_found() -> None:
    source = "from alabtrain.trainers.ner.type import NerType\nimport alabtrain.trainers.visual_ner.crf as crf\n"
    assert [(line, name) for line, name, _full in imports_in(source)] == [(1, "ner"), (2, "visual_ner")]
    inside = "def f():\n    from alabtrain.trainers import assertion\n    from alabtrain.trainers.nerdl import limits\n"
    assert [(line, name) for line, name, _full in imports_in(inside)] == [(2, "assertion")]


def test_no_file_outside_its_folder_names_a_type() -> None:
    found = [
        f"{file.relative_to(PACKAGE)}:{line} {value}"
        for file in sorted(PACKAGE.rglob("*.py"))
        for line, value in names_in(file.read_text(encoding="utf-8"), file.relative_to(PACKAGE).as_posix())
        if type_of(file) != value.removesuffix(":")
    ]
    assert found == [], "ask the registry for what the type has or does"


def test_only_the_registry_imports_from_the_folder_of_a_type() -> None:
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        path = file.relative_to(PACKAGE).as_posix()
        for line, name, imported in imports_in(file.read_text(encoding="utf-8")):
            public = path == PUBLIC and imported.startswith(f"alabtrain.trainers.{name}.options.")
            if not (public or path in LISTS or type_of(file) == name):
                found.append(f"{path}:{line} {imported}")
    assert found == [], "ask the registry for what the type has or does"


def test_no_template_outside_its_folder_names_a_type() -> None:
    quoted = re.compile(rf"(['\"])({'|'.join(NAMES)}):?\1")
    templates = sorted(PACKAGE.rglob("*.j2"))
    assert templates
    found = [
        f"{file.relative_to(PACKAGE)} {match[2]}"
        for file in templates
        for match in quoted.finditer(file.read_text(encoding="utf-8"))
        if type_of(file) != match[2]
    ]
    assert found == []


def test_the_folders_are_the_registered_types() -> None:
    assert {folder.name for folder in FOLDERS} == NAMES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_type_has_what_the_registry_promises(folder: Path) -> None:
    one = find_type(folder.name)
    assert one is not None
    assert type(one).__module__ == f"alabtrain.trainers.{folder.name}.type"
    assert one.name == folder.name
    assert get_type_hints(LearningOptions)[one.name] is one.options
    assert isinstance(LearningOptions().learning[one.name], one.options)
    assert all((one.title, one.short_title, one.prefix, one.labels_title, *one.nouns))
    assert len(one.nouns) == 2
