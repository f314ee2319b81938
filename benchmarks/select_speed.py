"""How fast, and in how much memory, `alabtrain select` goes through a big export, beside `json.load` alone.

    python benchmarks/select_speed.py PROJECT.zip [--megabytes 500] [--same-ids] [--runs 1]

Makes an export of the wanted size by repeating the tasks of a project, with new ids or (`--same-ids`) as they
stand, runs both as whole processes, and prints a Markdown table. The big file lies in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from alabtrain.project.project import open_project

BASELINE = "import json, sys; print(len(json.load(open(sys.argv[1], encoding='utf-8'))))"


def main() -> None:
    """Make the export, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("project", type=Path)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--same-ids", action="store_true", help="repeat the tasks with the ids that they have")
    parser.add_argument("--runs", type=int, default=1, help="the fastest of so many counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder) / "result.json"
        tasks = make_export(options.project, big, options.megabytes << 20, same_ids=options.same_ids)
        size = big.stat().st_size / (1 << 20)
        commands = {
            "json.load": [sys.executable, "-c", BASELINE, str(big)],
            "alabtrain select": [sys.executable, "-m", "alabtrain", "select", str(big)],
            "alabtrain select --json": [sys.executable, "-m", "alabtrain", "select", str(big), "--json"],
        }
        measured = {name: measure(command, options.runs) for name, command in commands.items()}
    kind = "the same ids again" if options.same_ids else "new ids"
    print(f"{size:.0f} MB, {tasks} tasks of {options.project.name} ({kind})\n")
    columns = ("", "seconds", "CPU seconds", "MB/s", "speed beside json.load", "by CPU", "peak memory, MB")
    print("| " + " | ".join(columns) + " |\n" + "| --- " * len(columns) + "|")
    base_seconds, base_cpu, _ = measured["json.load"]
    for name, (seconds, cpu, peak) in measured.items():
        numbers = (seconds, cpu, size / seconds, base_seconds / seconds, base_cpu / cpu, peak)
        row = [
            name,
            *(f"{number:.{digits}f}" for number, digits in zip(numbers, (2, 2, 0, 2, 2, 0), strict=True)),
        ]
        print("| " + " | ".join(row) + " |")


def make_export(project: Path, target: Path, size: int, *, same_ids: bool) -> int:
    """Write at least `size` bytes of tasks to `target`; return their number."""
    written = tasks = 0
    with target.open("w", encoding="utf-8") as stream:
        stream.write("[")
        for raw in _repeated(project, same_ids=same_ids):
            if written >= size:
                break
            text = json.dumps(raw, ensure_ascii=False)
            written += stream.write(",\n" + text if tasks else text)
            tasks += 1
        stream.write("]")
    return tasks


def measure(command: list[str], runs: int) -> tuple[float, float, float]:
    """Return the least time, the least CPU time (seconds) and the highest peak memory (MB) of a process."""
    seconds, cpu, peak = float("inf"), float("inf"), 0.0
    for _ in range(runs):
        started = time.perf_counter()
        child = os.posix_spawn(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
        )
        _, status, usage = os.wait4(child, 0)
        seconds = min(seconds, time.perf_counter() - started)
        cpu = min(cpu, usage.ru_utime + usage.ru_stime)
        peak = max(peak, usage.ru_maxrss / 1024)
        assert status == 0, f"{command} ended with {status}"
    return seconds, cpu, peak


def _repeated(project: Path, *, same_ids: bool) -> Iterator[Mapping[str, object]]:
    tasks = [dict(task.raw) for task in open_project(project).tasks()]
    number = 0
    while True:
        for task in tasks:
            number += 1
            yield task if same_ids else {**task, "id": number}


if __name__ == "__main__":
    main()
