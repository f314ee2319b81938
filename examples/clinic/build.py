#!/usr/bin/env python3
"""Build clinic.zip from notes/*.txt, team.yaml and config.xml (see README.md of this folder)."""

from __future__ import annotations

import argparse
import io
import json
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the root: to run this file as a script

from examples.clinic.annotators import make_project
from examples.clinic.sources import Note, SourceError, Team, read_notes, read_team
from examples.clinic.stats import stats

HERE = Path(__file__).resolve().parent
TARGET = HERE / "clinic.zip"
ZIP_DATE = (2023, 5, 2, 12, 0, 0)


def make_files(notes: Sequence[Note], team: Team) -> dict[str, bytes]:
    """Return what is in the zip: name and content."""
    project = {
        "project_name": team.project,
        "project_description": "Invented clinical notes: entities, assertions, urgency, topics.",
        "owner": team.owner,
        "annotators": sorted(team.order),
        "reviewers": [team.reviewer],
        "team_members_order": list(team.order),
        "isVisualNER": False,
    }
    return {
        "result.json": to_json(make_project(notes, team)),
        "config.xml": (HERE / "config.xml").read_bytes().replace(b"\r\n", b"\n"),
        "project.json": to_json(project),
    }


def to_json(value: object) -> bytes:
    """Return indented UTF-8 JSON."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def make_zip(files: dict[str, bytes]) -> bytes:
    """Return a zip with fixed dates."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def is_current(path: Path, files: dict[str, bytes]) -> bool:
    """Compare what is inside: another zlib may compress the same files to other bytes."""
    if not path.is_file():
        return False
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()} == files


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, check or count."""
    parser = argparse.ArgumentParser(description="Build the example project clinic.zip.")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="write nothing; exit 1 if clinic.zip is not up to date")
    action.add_argument("--stats", action="store_true", help="write nothing; print the counts of README.md")
    options = parser.parse_args(arguments)
    try:
        notes, team = read_notes(HERE / "notes"), read_team(HERE / "team.yaml")
    except SourceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.stats:
        print(stats(notes, team))
        return 0
    files = make_files(notes, team)
    if options.check:
        current = is_current(TARGET, files)
        print(f"{TARGET.name} is {'up to date' if current else 'not up to date: run build.py'}")
        return 0 if current else 1
    TARGET.write_bytes(make_zip(files))
    print(f"{TARGET.name}: {len(notes)} tasks, {TARGET.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
