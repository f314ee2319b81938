"""What scripts rely on: the JSON that commands print of the example projects, and the bytes of a patched config.

`WRITE_GOLDEN=1 pytest tests/test_golden.py` writes the files anew; read their difference. `tools/golden.py` records much
more: every command, the files of runs, and the scores of trainings.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from alabtrain.cli import run
from tests.conftest import REPOSITORY

GOLDEN = Path(__file__).parent / "golden"
CLINIC = REPOSITORY / "examples" / "clinic" / "clinic.zip"
INVOICES = REPOSITORY / "examples" / "invoices" / "invoices.zip"
MACHINE = re.compile(r"the driver has [\d.,]+ GiB")
COMMANDS = {
    "check_clinic": ["check", str(CLINIC)],
    "check_invoices": ["check", str(INVOICES)],
    "select_clinic": ["select", str(CLINIC)],
    "select_clinic_latest": ["select", str(CLINIC), "--policy", "latest"],
    "select_clinic_reviewed": ["select", str(CLINIC), "--reviewed-only"],
    "select_clinic_tags": ["select", str(CLINIC), "--tags", "test", "--priority", "cid,bob,ann"],
    "select_invoices": ["select", str(INVOICES)],
    "why_clinic": ["why", str(CLINIC), "5"],
    "agreement_clinic": ["agreement", str(CLINIC)],
    "agreement_clinic_types": ["agreement", str(CLINIC), "--type", "classification", "--policy", "latest"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_commands_print_what_they_printed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMMANDS[name], "--json"]) == 0
    printed = capsys.readouterr().out.replace(str(REPOSITORY), "<repository>")
    printed = MACHINE.sub("the driver has <memory>", printed)
    compare(f"{name}.json", json.dumps(json.loads(printed), indent=1, ensure_ascii=False) + "\n")


def compare(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text
