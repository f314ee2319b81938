"""The vague words are no identifiers: CONTRIBUTING.md, "Words", has the terms to use instead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import alabtrain

PACKAGE = Path(alabtrain.__file__).parent

VAGUE = frozenset({"told", "said", "tell", "tells", "thing", "things", "place", "places", "kind", "kinds", "made"})

EXEMPT = ("console/", "workflows/", "trainers/")
"""Still to be renamed: remove an entry once its files are done."""

FOREIGN = frozenset({"tell"})
"""Names of others that our code has to use: `tell` of a stream."""


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of every identifier that a file defines or uses."""
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Name):
            yield line, node.id
        elif isinstance(node, ast.Attribute):
            yield from ((line, node.attr) for _ in range(node.attr not in FOREIGN))
        elif isinstance(node, (ast.arg, ast.keyword)):
            yield from ((line, node.arg) for _ in range(node.arg is not None))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield line, node.name
        elif isinstance(node, ast.alias):
            yield line, node.asname or node.name.rpartition(".")[2]


def vague_words(name: str) -> set[str]:
    """Return the vague words in a name: `toldBefore` and `_TOLD_BEFORE` have `told`, `placement` has none."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return VAGUE.intersection(part.lower() for part in parts)


def test_parts_of_names_are_found() -> None:
    assert vague_words("_TOLD_BEFORE") == {"told"}
    assert vague_words("ModelKind") == {"kind"}
    assert vague_words("by_place") == {"place"}
    assert vague_words("placement_of_nothing") == set()


def test_identifiers_of_all_sorts_are_found() -> None:
    source = (
        "from a import told\nclass Thing:\n    def tell(self, kind, *, said=0):\n        self.place = f(made=things)\n"
    )
    assert {word for _, name in identifiers(source) for word in vague_words(name)} == {
        "told", "thing", "tell", "kind", "said", "place", "made", "things",
    }  # fmt: skip


def test_no_identifier_is_vague() -> None:
    found = [
        f"{path.relative_to(PACKAGE).as_posix()}:{line}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if not path.relative_to(PACKAGE).as_posix().startswith(EXEMPT)
        for line, name in identifiers(path.read_text(encoding="utf-8"))
        if vague_words(name)
    ]
    assert not found, 'use the terms of CONTRIBUTING.md, "Words":\n' + "\n".join(found)


def test_every_exemption_is_needed() -> None:
    files = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    for exempt in EXEMPT:
        names = [
            name
            for file, path in files.items()
            if file.startswith(exempt)
            for _, name in identifiers(path.read_text(encoding="utf-8"))
        ]
        assert any(map(vague_words, names)), f"{exempt} has no vague identifier any more: remove it from EXEMPT"
