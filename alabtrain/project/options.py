"""The files beside a project, as options that the command line and Python share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from alabtrain.core.options import Options, option


@dataclass(frozen=True, slots=True)
class ProjectOptions(Options):
    """What an export does not hold, or what is to be added to it."""

    PANEL: ClassVar[str] = "Project"

    config: Path | None = option(None, "The labeling config (XML), if the project does not hold it.")
    reviews: Path | None = option(None, "Verdicts of reviewers: a CSV file with task_id,completion_id,review.")
    task_tags: Path | None = option(None, "More tags of tasks: a CSV file with task_id,tag.")
