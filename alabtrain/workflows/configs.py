"""What each piece of work does, as one value: made by the command line from its options, or written in Python.

That of a training, which is by far the largest, is in `train_config`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from alabtrain.core.languages.options import LanguageOptions
from alabtrain.core.options import Options, option
from alabtrain.documents.options import SplitOptions
from alabtrain.pages.ocr.options import OcrOptions
from alabtrain.prediction.options import NamedModelOptions
from alabtrain.selection.options import SelectionOptions
from alabtrain.workflows.formats import FORMATS
from alabtrain.workflows.train_config import DEPLOY, TrainConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateConfig(Options):
    """Which models are scored, and on which completions."""

    PANEL: ClassVar[str] = "Evaluation"

    compare: tuple[Path, Path] | None = option(
        None,
        "Score the models of these two runs instead, and test whether they differ (paired bootstrap).",
        metavar="RUN RUN",
        once=True,
    )
    seed: int = option(42, "Seed of the bootstrap.", at_least=0, at_most=2**31 - 1)
    selection: SelectionOptions = SelectionOptions()
    ocr: OcrOptions = OcrOptions()
    models: NamedModelOptions = NamedModelOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreannotateConfig(Options):
    """Which tasks get predictions, and where they are written."""

    PANEL: ClassVar[str] = "Output"

    output: Path = option(Path("preannotated.json"), "File of tasks to write.", names=("-o", "--output"), once=True)
    overwrite: bool = option(False, "Predict for tasks that have a submitted completion, too.", panel="Selection")
    pictures: Path | None = option(
        None, "Folder or zip of pictures of pages to label, instead of the tasks of PROJECT.", panel="Selection"
    )
    ocr: OcrOptions = OcrOptions()
    models: NamedModelOptions = NamedModelOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankConfig(Options):
    """Which models rank the tasks, and where the ranking is written."""

    PANEL: ClassVar[str] = "Output"

    run: Path | None = option(
        None,
        "Use the models of this run.",
        default_text="those that the labeling config names",
        once=True,
        panel="Models",
    )
    output: Path | None = option(
        None, "Write all tasks in their order to this CSV file.", names=("-o", "--output"), once=True
    )
    selection: SelectionOptions = SelectionOptions()
    models: NamedModelOptions = NamedModelOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportConfig(Options):
    """What is exported, and in which format."""

    PANEL: ClassVar[str] = "Output"

    format: str = option("conll", "Format of the files.", among=FORMATS)
    output: Path = option(
        Path("exported"), "Folder for the training, validation and test set.", names=("-o", "--output"), once=True
    )
    strict: bool = option(False, "Stop with an error if a region would be repaired or lost.", panel="Split")
    selection: SelectionOptions = SelectionOptions()
    split: SplitOptions = SplitOptions()
    language: LanguageOptions = LanguageOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchConfig(Options):
    """When a watched project is trained on again, and how.

    A `deploy` of None is what it was the last time that this project was watched, and no the first time; it overrides
    that of `train`.
    """

    PANEL: ClassVar[str] = "Watch"

    every: int = option(50, "New submitted completions that start a training.", at_least=1)
    interval: float = option(60.0, "Seconds between two looks at the project.", at_least=1)
    deploy: bool | None = option(None, DEPLOY, default_text="asked once", panel="Output")
    train: TrainConfig = TrainConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveOptions(Options):
    """The points of a learning curve."""

    PANEL: ClassVar[str] = "Curve"

    shares: tuple[float, ...] = option(
        (25.0, 50.0, 75.0, 100.0), "Shares of the training tasks, in per cent.", above=0, at_most=100, metavar="%,%,…"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployOptions(Options):
    """Where the labeling config with the models is written."""

    PANEL: ClassVar[str] = "Output"

    config: Path | None = option(None, "The labeling config (XML), if the project does not hold it.", panel="Project")
    dry_run: bool = option(False, "Show what would change, and write nothing.", once=True)
    in_place: bool = option(False, "Write into the project, too, with a backup beside it.", once=True)
    output: Path | None = option(
        None, "Write it to this file.", names=("-o", "--output"), default_text="config.xml in the run", once=True
    )
