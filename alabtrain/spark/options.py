"""How Spark is started, as options that the command line and Python share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from alabtrain.core.errors import UsageError
from alabtrain.core.options import Options, option


@dataclass(frozen=True, slots=True)
class SparkOptions(Options):
    """Spark settings of the user, as on the command line of spark-submit."""

    PANEL: ClassVar[str] = "Spark"

    master: str | None = option(
        None, "Spark master, as in spark://host:7077, yarn or local[4].", default_text="this machine"
    )
    conf: tuple[str, ...] = option((), "A Spark setting; may be repeated.", metavar="KEY=VALUE", repeated=True)
    jars: tuple[str, ...] = option((), "More jars for Spark.")
    packages: tuple[str, ...] = option((), "More Maven packages for Spark.")
    properties_file: Path | None = option(None, "A file of Spark settings.")
    driver_memory: str | None = option(
        None, "Heap of the driver, as in 8g.", metavar="SIZE", default_text="a third of the memory"
    )

    def __post_init__(self) -> None:
        """Raise `UsageError` where the file of settings is not there."""
        Options.__post_init__(self)
        if self.properties_file is not None and not self.properties_file.exists():
            raise UsageError("no such file", where=str(self.properties_file))
