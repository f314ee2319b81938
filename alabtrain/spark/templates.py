"""SQL from templates: a file for each column of annotations, in the folder `sql/` beside the module that renders it.

The templates are Jinja's (https://jinja.palletsprojects.com/templates/). Lines and indentation are for the reader: a
line break becomes one blank, so a text literal comes from a value (`{{ name | text }}`) and never spans two lines.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER, SHARED = "sql", "alabtrain.spark"


def render(package: str, name: str, **values: object) -> str:
    """Return the SQL of the template `sql/<name>.sql.j2` of a package, with `values` in it.

    The macros of `alabtrain/spark/sql/` can be imported by every template. Raises Jinja's `UndefinedError` where a
    value is missing.
    """
    return _environment(package).get_template(f"{name}.sql.j2").render(**values).strip()


def text_literal(text: str) -> str:
    """Return a text as a SQL literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


@cache
def _environment(package: str) -> Environment:
    import jinja2

    def load(name: str) -> str | None:
        for folder in dict.fromkeys((package, SHARED)):
            file = resources.files(folder) / FOLDER / name
            if file.is_file():
                return " ".join(line.strip() for line in file.read_text(encoding="utf-8").splitlines())
        return None

    environment = jinja2.Environment(  # noqa: S701 - SQL, not HTML
        loader=jinja2.FunctionLoader(load), undefined=jinja2.StrictUndefined
    )
    environment.filters["text"] = text_literal
    return environment
