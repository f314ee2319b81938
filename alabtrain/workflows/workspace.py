"""The workspace: the folder of runs, the model store, Spark, and the sink for events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from alabtrain.core.events import Sink, ignore
from alabtrain.core.options import Options, option
from alabtrain.spark.options import SparkOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace(Options):
    """The settings of every command that do not depend on the project.

    `runs` is the folder for run folders. `store` is the model store (None: the user's own). `events` is called with the
    events of `alabtrain.core.events` during the work.
    """

    PANEL: ClassVar[str] = "Output"

    runs: Path = option(Path("runs"), "Folder that the run folders go into.", formerly=("-o", "--output"))
    store: str | None = option(
        None,
        "The model store: a folder, or a URI that Spark reaches (hdfs://, s3a://).",
        names=("--models",),
        metavar="DIR|URI",
        default_text="your own",
        panel="Models",
    )
    spark: SparkOptions = SparkOptions()
    events: Sink = ignore
