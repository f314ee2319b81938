"""Where the work is done: the folder of runs, the model store, Spark, and who hears of the progress."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from alabtrain.core.events import Sink, ignore
from alabtrain.core.options import Options, option
from alabtrain.spark.options import SparkOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace(Options):
    """What every piece of work needs, whatever the project: see `alabtrain.train` and its neighbours.

    `runs` is the folder that the run folders go into; `store` is the model store (None: the user's own); `events` is
    called with the events of `alabtrain.core.events` while the work goes on.
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
