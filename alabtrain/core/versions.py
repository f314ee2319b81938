"""The versions that a result depends on."""

from __future__ import annotations

import platform

from alabtrain import __version__


def versions() -> dict[str, str]:
    """Return alabtrain's version, Python's and those of the packages that make a model."""
    from importlib.metadata import version

    packages = ("pyspark", "spark-nlp", "numpy")
    return {
        "alabtrain": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }
