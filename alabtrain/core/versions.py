"""The versions that a result depends on."""

from __future__ import annotations

VERSION = "0.1.0"
"""The version of alabtrain; hatch reads it, too."""


def versions() -> dict[str, str]:
    """Return alabtrain's version, Python's and those of the packages that make a model."""
    import platform
    from importlib.metadata import version

    packages = ("pyspark", "spark-nlp", "numpy")
    return {
        "alabtrain": VERSION,
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }
