"""Export formats are found by the modules that are there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import alabtrain
from alabtrain.core.errors import SetupError, UsageError
from alabtrain.documents.document import Documents
from alabtrain.spark.options import SparkOptions
from alabtrain.workflows.export import write_documents
from alabtrain.workflows.formats import FORMATS, find_encoder

FORMAT = '''"""Shouted texts."""


def encode(documents):
    return "".join(document.text.upper() for document, _sentences in documents).encode()
'''
USE = """
from alabtrain.documents.document import Document
from alabtrain.workflows.configs import ExportConfig
from alabtrain.workflows.formats import find_encoder

print(ExportConfig(format="shout").format)
print(find_encoder("shout")([(Document(1, 11, "pale", (), "train"), [])]).decode())
"""


def test_a_new_format_is_a_module_and_nothing_else(tmp_path: Path) -> None:
    package = Path(alabtrain.__file__).parent
    shutil.copytree(package, tmp_path / "alabtrain", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "alabtrain" / "workflows" / "formats" / "shout.py").write_text(FORMAT, encoding="utf-8")
    there = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", USE], check=True, capture_output=True, text=True, env=there)
    assert done.stdout.split() == ["shout", "PALE"]
    command = [sys.executable, "-m", "alabtrain", "export", "--help"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=there)
    assert "shout" in done.stdout


def test_every_format_says_what_it_is() -> None:
    assert FORMATS == ("conll", "jsonl", "spacy")
    for name in FORMATS:
        module = __import__(f"alabtrain.workflows.formats.{name}", fromlist=["encode"])
        assert module.__doc__
        assert callable(module.encode)


def test_a_format_that_needs_a_library_says_so_before_spark_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(SetupError, match="needs spaCy"):
        find_encoder("spacy")
    with pytest.raises(UsageError, match="no format 'xml'"):
        write_documents(Documents(), "xml", tmp_path, spark=SparkOptions())
