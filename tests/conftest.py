from __future__ import annotations

import gc
import json
import os
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.support.paths import REPOSITORY

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# How long an example takes says nothing on a busy machine.
settings.register_profile("default-no-deadline", deadline=None)
settings.load_profile("default-no-deadline")


SHARED = ("test_preannotate_spark.py", "test_train_spark.py", "test_train_types_spark.py", "[quick_ner]")
"""Parts of the names of tests that need the models which are trained once for many: those of the fixtures below."""


class SparkScheduling(LoadScopeScheduling):
    """Divides the tests with Spark between two processes, so that each shared model is trained in only one of them."""

    def _split_scope(self, nodeid: str) -> str:
        return "shared" if any(part in nodeid for part in SHARED) else "own"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SparkScheduling | None:
    """Use it where tests are not run one by one in any process (`make spark`)."""
    return SparkScheduling(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.fixture(scope="session", autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests deploy out of the user's model store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALABTRAIN_MODELS", str(tmp_path_factory.mktemp("models")))
        yield


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Run each test in an empty folder, without the user's settings."""
    for name in list(os.environ):
        if name.startswith("ALABTRAIN_") and name not in (
            "ALABTRAIN_CACHE",
            "ALABTRAIN_MAVEN",
            "ALABTRAIN_SHARED_DATA",
            "ALABTRAIN_MODELS",
        ):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))


@pytest.fixture(autouse=True)
def no_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a fast test from starting a JVM by accident."""
    if request.node.get_closest_marker("spark") is None and request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr("alabtrain.spark.session._start", lambda *_: pytest.fail("a fast test started Spark"))


@pytest.fixture(autouse=True)
def as_the_schemas_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold whatever a command prints with `--json` in a test against its schema."""
    from typer._click.globals import get_current_context

    from alabtrain.console import terminal

    write = terminal.print_json

    def checked(value: object) -> None:
        context = get_current_context(silent=True)
        name = context.command_path.removeprefix("alabtrain ").replace(" ", "-") if context else "schema"
        if name != "schema":
            from tests.support.schemas import validated

            validated(name, value)
        write(value)

    monkeypatch.setattr(terminal, "print_json", checked)


GROWTH = 2**30  # bytes that the engine may grow by before it collects: networks hold native memory


@pytest.fixture(scope="session")
def engine_size() -> dict[str, int]:
    """How large the engine was when it last collected."""
    return {}


@pytest.fixture(autouse=True)
def collected(request: pytest.FixtureRequest, engine_size: dict[str, int]) -> Iterator[None]:
    """Give back what tests left in the engine, once it has grown by much: collecting takes seconds."""
    yield
    if "spark" in request.fixturenames:
        import psutil

        java = request.getfixturevalue("spark").sparkContext._jvm.java.lang
        engine = psutil.Process(java.ProcessHandle.current().pid())
        if engine.memory_info().rss > engine_size.get("rss", 0) + GROWTH:
            gc.collect()
            java.System.gc()
            engine_size["rss"] = engine.memory_info().rss


@pytest.fixture(scope="session")
def clinic() -> Path:
    """The shipped example project."""
    return REPOSITORY / "examples" / "clinic" / "clinic.zip"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real exports, where they are at hand; a test that needs them is skipped elsewhere, and says so."""
    folder = Path(os.environ.get("ALABTRAIN_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the folder with real exports is not here (ALABTRAIN_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One session for all tests; commands that run in this process use it and leave it running."""
    from alabtrain.spark.options import SparkOptions
    from alabtrain.spark.session import open_session

    # What Spark generates for thousands of queries has to fit: Java compiles nothing more once the code cache is full.
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=1g -XX:+UseSerialGC")
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # what networks give back is used again
    with warnings.catch_warnings():
        # Deprecation warnings of pyspark's and its dependencies' own making.
        warnings.simplefilter("ignore")
        with open_session(SparkOptions(driver_memory="4g", conf=("spark.sql.shuffle.partitions=2",))) as session:
            yield session


@pytest.fixture(scope="session")
def mixed(spark: SparkSession, clinic: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One training of all that the clinic example holds, deployed: its models are in the store of the tests."""
    from tests.support.training import train

    # ClassifierDL and one assertion tagger: what takes long to train, or to load, has tests of its own.
    quick = ["--epochs", "8", "--members", "1", "--classifier", "classifierdl"]
    output = str(tmp_path_factory.mktemp("runs"))
    return train(str(clinic), *quick, "--split", "tags", "--deploy", "--runs", output)


@pytest.fixture(scope="session")
def quick_ner(spark: SparkSession, clinic: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A training of two epochs of NER alone, deployed into a store of its own."""
    from tests.support.training import train

    folder = tmp_path_factory.mktemp("quick")
    quick = ["--type", "ner", "--epochs", "2", "--split", "tags", "--deploy", "--models", str(folder / "models")]
    return train(str(clinic), *quick, "--runs", str(folder / "runs"))


@pytest.fixture(scope="session")
def random_ner(spark: SparkSession, clinic: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The same on a random split, so on other vectors; in the store of the tests as `ner_other`."""
    from tests.support.training import train

    quick = ["--type", "ner", "--epochs", "2", "--split", "random", "--deploy", "--model-name", "ner_other"]
    return train(str(clinic), *quick, "--runs", str(tmp_path_factory.mktemp("runs")))


@pytest.fixture(scope="session")
def few(clinic: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A third of the tasks of the example project, for trainings whose scores do not matter."""
    path = tmp_path_factory.mktemp("few") / "clinic.zip"
    with zipfile.ZipFile(clinic) as whole, zipfile.ZipFile(path, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "result.json":
                content = json.dumps(json.loads(content)[::3]).encode()
            archive.writestr(name, content)
    return path


@pytest.fixture(scope="session")
def halves(clinic: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tags that divide the training tasks: the first half has other characters and fewer labels than the second."""
    from alabtrain.project.project import open_project

    tasks = [task for task in open_project(clinic).tasks() if "Train" in task.tags]
    lines = [f"{task.id},{'first' if number < len(tasks) // 3 else 'second'}" for number, task in enumerate(tasks)]
    path = tmp_path_factory.mktemp("tags") / "halves.csv"
    path.write_text("\n".join(["task_id,tag", *lines, ""]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def minilm_ner(
    spark: SparkSession, clinic: Path, halves: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """NER on the default encoder, trained on the second part of the training tasks."""
    from tests.support.training import train

    part = ["--task-tags", str(halves), "--tags", "second,Test", "--split", "tags"]
    output = str(tmp_path_factory.mktemp("runs"))
    return train(str(clinic), "--type", "ner", *part, "--epochs", "3", "--runs", output, embeddings="minilm")
