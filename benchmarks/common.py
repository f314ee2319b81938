"""What the benchmarks share: running alabtrain as a user does, and telling on what it ran."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

INTERVAL = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed as JSON, its wall-clock seconds, and its peak resident memory in MiB."""

    answer: dict[str, Any]
    seconds: float
    peak: int


def alabtrain(*arguments: str, cache: Path | None = None) -> Outcome:
    """Run an alabtrain command with `--json` in a process of its own; a failure ends the benchmark."""
    environment = {**os.environ, **({"ALABTRAIN_CACHE": str(cache)} if cache else {})}
    return measured([sys.executable, "-m", "alabtrain", *arguments, "--json"], environment)


def measured(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Outcome:
    """Run a command that prints JSON; memory is that of its process and their children, looked at twice a second."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        peaks = [0]
        watcher = threading.Thread(target=lambda: peaks.extend(_memory(process)), daemon=True)
        watcher.start()
        printed = process.communicate()[0]
        watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command))
    return Outcome(json.loads(printed), time.monotonic() - start, max(peaks) >> 20)


def _memory(process: subprocess.Popen[bytes]) -> Iterator[int]:
    """Yield the resident memory of a process and its children in bytes, until it has ended."""
    root = psutil.Process(process.pid)
    while process.poll() is None:
        total = 0
        for one in (root, *_children(root)):
            try:
                total += one.memory_info().rss
            except psutil.Error:
                continue
        yield total
        time.sleep(INTERVAL)


def _children(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.Error:
        return []


def machine() -> str:
    """Return a line that says on what a table was measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("pyspark", "spark-nlp", "numpy"))
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, {packages}"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def tell_row(row: Sequence[object]) -> None:
    """Write a row of a table on stderr, as soon as it is known."""
    print(table((), [row]).splitlines()[-1], file=sys.stderr, flush=True)
