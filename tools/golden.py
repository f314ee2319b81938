"""Record what the program does, command by command, and compare two such records.

    python tools/golden.py record OUT.json [--data DIR] [--python PYTHON] [--source DIR] [--work DIR]
                                 [--cheap | --slow]
    python tools/golden.py compare OLD.json NEW.json [--common]

A record holds, for each command line of `golden_commands.py`, its exit code, what it printed, its notes or error, and
the files that it wrote. What changes from run to run (times, paths, names of runs, versions) is replaced by words such
as `<time>`. The commands run one after the other in one folder with a model store of its own, and the user's cache. The
folder is thrown away; with `--work` it stays, and a record that was interrupted goes on. `--cheap` records only what
needs no Spark, `--slow` only what takes long. Of `projects/*.zip`, `exports/*` and `cases/*/` in the folder of `--data`
only what `check`, `select` and `agreement` print with `--json` is recorded: no text of a document.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from pathlib import Path
from typing import Any

from golden_commands import CHEAP, EXACT, FILES, HELP, RUNS, SLOW, TRAINED, rows, rows_of

MASKS = (
    (re.compile(r"20(2[5-9]|[3-9]\d)-\d\d-\d\d([T ]\d\d[:-]\d\d([:-]\d\d)?(\.\d+)?Z?)?"), "<time>"),  # examples: 2023
    (re.compile(r"\b\d{8}T\d{6}Z|(?<=_)\d{13}\b"), "<time>"),
    (re.compile(r"(\b\d+(\.\d+)? (s|min|h)\b ?)+"), "<duration> "),
    (re.compile(r"_[0-9a-f]{12}\b"), "_<uid>"),
    (re.compile(r"\b[\d.]+ GiB|driver takes \d+|(?<=engine-)\d+"), "<n>"),
    (re.compile(r"[─━]{2,}"), "─"),
    (re.compile(r" {2,}"), " "),
)
MASKED = ("seconds", "pid", "host", "versions", "needs")  # keys of JSON whose values are another time others
PROGRESS = re.compile(r" took <|\d[\d,]*/\d|^training$|^downloading ")
SMALL = 30_000  # bytes of a JSON file that is recorded whole; of larger ones, its keys
TOLERANCE = 0.005  # of a score, or of any other number with decimals relative to itself
COUNTS = {"tp", "fp", "fn", "tn", "counts", "confusion", "regions"}  # keys of numbers that scores are made of
NUMBER = re.compile(r"\d+\.\d+")


class Recorder:
    """Runs commands of the program in a folder of its own and tells what they did."""

    def __init__(self, python: str, source: Path, data: Path | None, work: Path) -> None:
        self.python, self.source, self.data, self.work = python, source, data, work
        dropped = re.compile(r"ALABTRAIN_(?!CACHE|MAVEN)|COLUMNS|FORCE_COLOR")
        own = {"PYTHONPATH": str(source), "ALABTRAIN_MODELS": str(work / "store"), "NO_COLOR": "1", "TZ": "UTC"}
        self.environment = {**{k: v for k, v in os.environ.items() if not dropped.match(k)}, **own}
        places = {data or work: "<data>", work: "<work>", source: "<source>", Path.home(): "~"}
        self.places = {str(place): word for place, word in places.items()}
        self.runs = next(name for name in RUNS if name.encode() in self._call(["train", "--help"], work, {}).stdout)

    def prepare(self) -> None:
        """Put the example projects, copies to be changed, and the small files into the folder, if it is new."""
        if (self.work / "clinic.zip").exists():
            return
        examples = self.source / "examples"
        for name in ("clinic/clinic.zip", "invoices/invoices.zip", "scripts/slower_learning.py"):
            shutil.copy(examples / name, self.work)
        shutil.copy(self.work / "clinic.zip", self.work / "copy.zip")
        shutil.copytree(examples / "invoices" / "new", self.work / "new")
        for name in ("clinic", "folder", "partly"):
            shutil.unpack_archive(self.work / "clinic.zip", self.work / name)
        tasks = json.loads((self.work / "partly" / "result.json").read_bytes())
        tasks = [{**task, "completions": []} if task["id"] % 3 == 0 else task for task in tasks]
        (self.work / "partly" / "result.json").write_text(json.dumps(tasks), encoding="utf-8")
        for name, text in FILES.items():
            (self.work / name).parent.mkdir(exist_ok=True)
            (self.work / name).write_text(text, encoding="utf-8")

    def run(self, line: str, *, exact: bool, watched: bool = True) -> dict[str, Any]:
        """Run one command line and return its entry; `watched` are the files that it writes, if it is alone."""
        words = shlex.split(line)
        given = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
        words = words[len(given) :]
        folder = self.work / given.pop("IN", "")
        arguments = [part for word in words for part in self._found(word, folder)]
        before = self._files() if watched else {}
        done = self._call(arguments, folder, given)
        after = self._files() if watched else {}
        entry = {"arguments": line, "exact": exact, "exit": done.returncode, "stdout": self._read(done.stdout)}
        if words[-1:] == ["--help"]:
            entry["stdout"] = sorted(set(re.findall(r"--[a-z][a-z-]+", " ".join(entry["stdout"]))))
        elif words[:1] == ["doctor"]:
            entry["stdout"] = shape(entry["stdout"])  # what this machine has is no behaviour
        notes = self._clean(done.stderr.decode("utf-8", "replace"))
        entry["stderr"] = [text for text in notes.splitlines() if text.strip() and not PROGRESS.search(text)]
        changed = {name for name, state in after.items() if before.get(name) != state}
        described = {self._name(name): self._describe(self.work / name, exact=exact) for name in sorted(changed)}
        entry["files"] = {name: what for name, what in described.items() if what != "passed over"}
        entry["removed"] = sorted({self._name(name) for name in before if name not in after})
        return entry

    def _call(self, arguments: list[str], folder: Path, given: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
        command = [self.python, "-m", "alabtrain", *arguments]
        given = {**self.environment, **given}
        return subprocess.run(command, cwd=folder, env=given, stdin=subprocess.DEVNULL, capture_output=True)

    def _found(self, word: str, folder: Path) -> list[str]:
        if word.startswith("DATA/"):
            return [str(self.data) + word.removeprefix("DATA")]
        if "*" in word:
            return sorted(str(path.relative_to(folder)) for path in folder.glob(word)) or [word]
        return [self.runs if word == "RUNS" else word]

    def _files(self) -> dict[str, tuple[int, int]]:
        """Return every file of the folder with what changes when it is written."""
        states = {path: path.stat() for path in self.work.rglob("*") if path.is_file()}
        return {str(path.relative_to(self.work)): (s.st_mtime_ns, s.st_size) for path, s in states.items()}

    def _name(self, name: str) -> str:
        """Return a file's name without what changes; of a saved stage, only the folder counts."""
        return self._clean(re.sub(r"^(.*/stages/[^/]+)/.*", r"\1/", name))

    def _read(self, output: bytes) -> Any:
        text = output.decode("utf-8", "replace")
        is_json = text.startswith("{") and text.endswith("}\n")
        return self._masked(json.loads(text)) if is_json else self._clean(text).splitlines()

    def _masked(self, value: Any, key: str = "") -> Any:
        if key in MASKED and value is not None:
            return f"<{key}>"
        if isinstance(value, dict):
            return {self._clean(name): self._masked(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [self._masked(one) for one in value]
        if isinstance(value, str):
            return self._clean(value)
        return round(value, 4) if isinstance(value, float) else value

    def _clean(self, text: str) -> str:
        """Return `text` with a word for each thing that is another one the next time."""
        for place, word in self.places.items():
            text = text.replace(place, word)
        return reduce(lambda cleaned, mask: mask[0].sub(mask[1], cleaned), MASKS, text)

    def _describe(self, path: Path, *, exact: bool) -> Any:
        """Return what is recorded of a file; with `exact`, its bytes count where they hold nothing that changes."""
        if "stages" in path.parts[:-1] or "metadata" in path.parts or path.name == ".lock":
            return "" if "stages" in path.parts[:-1] else "passed over"
        content = path.read_bytes()
        text = "" if path.suffix in (".zip", ".png") else self._clean(content.decode("utf-8", "replace"))
        digest = hashlib.sha256(text.encode() or content).hexdigest()
        whole = {"sha256": digest} if exact or path.name == "selection.jsonl" else {}
        if path.suffix == ".xml":
            return {"sha256": hashlib.sha256(content).hexdigest(), "text": text.splitlines()}
        if path.suffix == ".json":
            value = self._masked(json.loads(content))
            return value if len(content) < SMALL else {"keys": shape(value), **whole}
        if path.suffix == ".jsonl":
            lines = [shape(json.loads(line)) for line in content.splitlines()]
            return {"lines": len(lines), "keys": reduce(merged, lines), **whole}
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                members = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
            return {self._name(name): sha if exact else "" for name, sha in sorted(members.items())}
        if path.suffix in (".md", ".html"):
            heading = r"(?m)^#+ (.*)" if path.suffix == ".md" else r"<h\d[^>]*>([^<]*)"
            return [found.strip() for found in re.findall(heading, text)]
        return {"lines": text.count("\n"), **whole} if exact or path.suffix == ".csv" else "written"


def shape(value: Any) -> Any:
    """Return the keys of a JSON value, recursively, with the types of what is in them."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [reduce(merged, map(shape, value))] if value else []
    return type(value).__name__


def merged(one: Any, other: Any) -> Any:
    """Return the shape of what has either of two shapes."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merged(one.get(key, other.get(key)), other.get(key, one.get(key))) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [merged(one[0], other[0])] if one and other else one or other
    if isinstance(one, str) and isinstance(other, str):
        return "|".join(sorted({*one.split("|"), *other.split("|")}))
    return other if isinstance(one, str) else one


def record(recorder: Recorder, out: Path, found: dict[str, Any], *, cheap: bool, slow: bool) -> None:
    """Run the commands that are not in `found` yet, and put their entries there and into the file `out`."""
    for table in [SLOW] if slow else [CHEAP] if cheap else [CHEAP, TRAINED]:
        for name, line in [row for row in rows(table) if row[0] not in found]:
            started = time.monotonic()
            exact = table is CHEAP or line.split()[0] in EXACT
            found[name] = recorder.run(line, exact=exact)
            sys.stderr.write(f"{time.monotonic() - started:6.1f} s  exit {found[name]['exit']}  {name}\n")
            write(out, found)
    if not slow:
        more = [(f"help {name}", f"{name} --help") for name in HELP]
        more += rows_of(recorder.data) if recorder.data else []
        more = [(name, line) for name, line in more if name not in found]
        with ThreadPoolExecutor(2) as pool:
            entries = pool.map(lambda row: recorder.run(row[1], exact=True, watched=False), more)
            found.update(zip([name for name, _ in more], entries, strict=True))
    write(out, found)


def write(out: Path, found: Mapping[str, Any]) -> None:
    """Write a record."""
    out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def figures(found: Mapping[str, Any]) -> dict[str, float]:
    """Return the F1 of each training in a record."""
    return {
        f"{name}, {kind}": score.get("entity", {}).get("micro", score.get("macro", {})).get("f1")
        for name, entry in found.items()
        for kind, score in (entry["stdout"].get("metrics", {}) if isinstance(entry["stdout"], dict) else {}).items()
    }


def settled(old: Any, new: Any, path: tuple[str, ...] = ()) -> Any:
    """Return `new` with what is the same as in `old` but for the chance in a training set to that."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: settled(old.get(key), value, (*path, key)) for key, value in new.items()}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [settled(a, b, path) for a, b in zip(old, new, strict=True)]
    if isinstance(old, str) and isinstance(new, str):
        before, after = ([float(number) for number in NUMBER.findall(text)] for text in (old, new))
        return old if NUMBER.sub("", old) == NUMBER.sub("", new) and settled(before, after) == before else new
    if isinstance(old, (int, float)) and isinstance(new, (int, float)):
        counted = isinstance(old, int) and isinstance(new, int)
        slack = 2 * bool(COUNTS.intersection(path)) if counted else TOLERANCE * max(1, abs(old))
        return old if abs(old - new) <= slack else new
    return new


def pretty(value: Any) -> list[str]:
    """Return the lines of a JSON value."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).splitlines()


def compare(old: Mapping[str, Any], new: Mapping[str, Any], *, common: bool) -> bool:
    """Write each difference to stdout and return whether there is none."""
    same = True
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new or name not in old:
            told = "" if common else f"{name}: only in the {'old' if name in old else 'new'} record\n"
        else:
            before, after = ({k: v for k, v in side[name].items() if k != "arguments"} for side in (old, new))
            after = after if before["exact"] else settled(before, after)
            lines = list(difflib.unified_diff(pretty(before), pretty(after), lineterm="", n=1))[2:]
            told = "".join(f"{line}\n" for line in [f"=== {name}: {new[name]['arguments']}", *lines]) if lines else ""
        same = same and not told
        sys.stdout.write(told)
    for name, f1 in figures(old).items():
        sys.stdout.write(f"F1 of {name}: {f1} -> {figures(new).get(name)}\n")
    return same


def main() -> int:
    """Record or compare; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record", help="run the commands and write what they did")
    recording.add_argument("out", type=Path)
    recording.add_argument("--data", type=Path, help="folder with projects/, exports/ and cases/")
    recording.add_argument("--python", default=sys.executable, help="the Python that has what the program needs")
    recording.add_argument("--source", type=Path, default=Path(__file__).parent.parent, help="the program's folder")
    recording.add_argument("--work", type=Path, help="folder to run in, which stays: what OUT has is not run again")
    part = recording.add_mutually_exclusive_group()
    part.add_argument("--cheap", action="store_true", help="only what needs no Spark")
    part.add_argument("--slow", action="store_true", help="only what takes long")
    comparing = commands.add_parser("compare", help="tell how two records differ; exit code 1 if they do")
    comparing.add_argument("records", type=Path, nargs=2, metavar="RECORD")
    comparing.add_argument("--common", action="store_true", help="pass over commands that only one record has")
    given = parser.parse_args()
    if given.command == "compare":
        return 0 if compare(*(json.loads(path.read_bytes()) for path in given.records), common=given.common) else 1
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        work = (given.work or Path(folder)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        recorder = Recorder(given.python, given.source.resolve(), given.data and given.data.resolve(), work)
        recorder.prepare()
        found = json.loads(given.out.read_bytes()) if given.work and given.out.exists() else {}
        record(recorder, given.out, found, cheap=given.cheap, slow=given.slow)
    sys.stdout.writelines(f"F1 of {name}: {f1}\n" for name, f1 in figures(found).items())
    return 0


if __name__ == "__main__":
    sys.exit(main())
