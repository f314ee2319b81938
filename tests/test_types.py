"""The types of the package: what nobody knows is named in few modules, and one module knows the library for JSON."""

from __future__ import annotations

import re
from pathlib import Path

import alabtrain

PACKAGE = Path(alabtrain.__file__).parent
MOST_LINES = 40
WITH_MSGSPEC = {"core/json.py", "workflows/schemas.py"}


def lines_with(pattern: str) -> list[str]:
    """Return the lines of the package that match, as `file:line`."""
    return [
        f"{path.relative_to(PACKAGE).as_posix()}:{number}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_hardly_anything_is_any() -> None:
    found = lines_with(r"\bAny\b")
    assert len(found) <= MOST_LINES, "use Json, object, a TypedDict or a name of spark/types.py:\n" + "\n".join(found)


def test_two_modules_know_msgspec() -> None:
    assert {line.partition(":")[0] for line in lines_with(r"^\s*(import|from) msgspec")} == WITH_MSGSPEC
