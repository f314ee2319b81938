"""What the benchmarks share: running alabtrain as a user does, and telling on what it ran."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed as JSON, its wall-clock seconds, and its peak resident memory in MiB."""

    answer: dict[str, Any]
    seconds: float


def alabtrain(*arguments: str, cache: Path | None = None) -> Outcome:
    """Run an alabtrain command with `--json` in a process of its own; a failure ends the benchmark."""
    environment = {**os.environ, **({"ALABTRAIN_CACHE": str(cache)} if cache else {})}
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "alabtrain", *arguments, "--json"],
        stdout=subprocess.PIPE,
        check=True,
        env=environment,
    )
    return Outcome(json.loads(done.stdout), time.monotonic() - start)


def machine() -> str:
    """Return a line that says on what a table was measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("pyspark", "spark-nlp", "numpy"))
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, {packages}"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)
