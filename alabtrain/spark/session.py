"""The Spark session: started from cached jars on the Java that was found, with its output kept off the terminal.

Local by default. With a master, only the jars of Spark NLP are set besides the user's own settings. A
session that is already active is used unchanged and left running.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.downloads import cache_folder
from alabtrain.core.errors import InputError, Interrupted, SetupError, UsageError
from alabtrain.core.events import Progress, Sink, Step, ignore
from alabtrain.spark.jars import fetch_jars, missing_jars
from alabtrain.spark.java import find_java
from alabtrain.spark.options import SparkOptions
from alabtrain.spark.types import JavaObject

if TYPE_CHECKING:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

KEPT_LOGS = 5
# Of the machine's memory, for the heap, which Java fills before it collects; TensorFlow and ONNX use memory outside it.
MEMORY_SHARE = 1 / 3
MEMORY_BOUNDS = (2, 32)  # GiB

# py4j logs some messages to the root logger.
PY4J_LOGGERS = ("", "py4j.clientserver", "py4j.java_gateway")

LOCAL_MASTER = "local[*]"
LOCAL_CONF = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.maxResultSize": "0",
    # Two encoders in one session both have a file called model.onnx.
    "spark.files.overwrite": "true",
    "spark.kryoserializer.buffer.max": "2000M",
    "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@contextmanager
def open_session(options: SparkOptions, sink: Sink = ignore) -> Iterator[SparkSession]:
    """Yield the active Spark session, else start one for the block and stop it afterwards.

    Missing jars are downloaded first; `sink` gets the events of that and of the start.

    Raises:
        UsageError: Spark Connect is configured, or an option is invalid.
        SetupError: Java or the jars are missing, or the session does not start.
    """
    from pyspark.sql import SparkSession

    _refuse_connect(options)
    active = SparkSession.getActiveSession()
    if active is not None:
        _require_spark_nlp(active)
        yield active
        return
    with tempfile.TemporaryDirectory(prefix="alabtrain-", ignore_cleanup_errors=True) as scratch:
        session = _start(options, Path(scratch), sink)
        try:
            yield session
        except (KeyboardInterrupt, SystemExit, Interrupted):
            # A JVM in native code would not stop before it has finished.
            kill_engine()
            raise
        finally:
            _stop(session)


def settings(options: SparkOptions, jars: list[Path], scratch: Path | None = None) -> dict[str, str]:
    """Return the Spark settings for `options`: our defaults for a local session, overridden by the user's settings.

    Raises:
        UsageError: a `--conf` is not `key=value`.
        InputError: the properties file is invalid.
    """
    asked = {**_properties(options.properties_file), **_conf_pairs(options.conf)}
    if options.master:
        asked["spark.master"] = options.master
    if options.driver_memory:
        asked["spark.driver.memory"] = options.driver_memory
    if options.packages:
        asked["spark.jars.packages"] = ",".join(options.packages)
    chosen = {"spark.app.name": "alabtrain"}
    if asked.get("spark.master", LOCAL_MASTER).startswith("local"):
        chosen.update(_local_conf(scratch))
    chosen.update(asked)
    theirs = [*options.jars, *filter(None, chosen.get("spark.jars", "").split(","))]
    # `local:` means that the file exists on every node: Spark then does not copy it.
    prefix = "local:" if chosen["spark.master"].startswith("local") else ""
    ours = [] if _brings_spark_nlp(chosen, theirs) else [f"{prefix}{jar}" for jar in jars]
    if theirs or ours:
        chosen["spark.jars"] = ",".join([*theirs, *ours])
    return chosen


def _local_conf(scratch: Path | None) -> dict[str, str]:
    chosen = {**LOCAL_CONF, "spark.master": LOCAL_MASTER, "spark.driver.memory": f"{default_memory_gib()}g"}
    if scratch is not None:
        chosen["spark.local.dir"] = str(scratch)
        chosen["spark.jsl.settings.storage.cluster_tmp_dir"] = str(scratch / "storage")
        # Spark NLP leaves its unpacked networks there; a crashed JVM would write its report to the working directory.
        crash = engine_log().with_suffix(".crash")
        chosen["spark.driver.extraJavaOptions"] = f'"-Djava.io.tmpdir={scratch}" "-XX:ErrorFile={crash}"'
    return chosen


def default_memory_gib() -> int:
    """Return the default heap of the driver in GiB for this machine (or its container)."""
    low, high = MEMORY_BOUNDS
    return max(low, min(high, int(machine_memory() * MEMORY_SHARE / 2**30)))


def machine_memory() -> int:
    """Return the memory of the machine in bytes, or the container's limit if that is lower."""
    import psutil

    total = int(psutil.virtual_memory().total)
    with suppress(OSError, ValueError):
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return total


def engine_log() -> Path:
    """Return the log file of this process's JVM; only the user can read it."""
    return cache_folder("logs") / f"engine-{os.getpid()}.log"


def _start(options: SparkOptions, scratch: Path, sink: Sink) -> SparkSession:
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    for name in PY4J_LOGGERS:
        logging.getLogger(name).removeFilter(_not_of_py4j)
    java = find_java()
    jars = fetch_jars(_meter(sink))
    sink(Step("starting Spark"))
    chosen = settings(options, jars, scratch)
    conf = SparkConf(loadDefaults=False)
    conf.setAll(list(chosen.items()))
    log = _fresh_log()
    environment = {
        "JAVA_HOME": str(java.home),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYSPARK_PYTHON": os.environ.get("PYSPARK_PYTHON", sys.executable),
    }
    try:
        with _environment(environment):
            context = SparkContext(conf=conf, gateway=_launch(conf, log))
    except Exception as problem:
        raise SetupError(
            f"Spark did not start ({type(problem).__name__})",
            where=str(log),
            hint="the file above is Java's log; `alabtrain doctor` shows what is missing",
        ) from None
    context.setLogLevel("ERROR")
    return SparkSession(context)


def _meter(sink: Sink) -> Callable[[int], None]:
    """Return what counts the bytes of the jars that are downloaded."""
    total, done = sum(jar.size for jar in missing_jars()), 0

    def count(size: int) -> None:
        nonlocal done
        done += size
        sink(Progress("downloading Spark NLP", done, total, "bytes"))

    return count


def _launch(conf: SparkConf, log: Path) -> JavaObject:
    from pyspark.java_gateway import launch_gateway

    with log.open("ab") as sink:
        return launch_gateway(conf=conf, popen_kwargs={"stdout": sink, "stderr": subprocess.STDOUT})


def _stop(session: SparkSession) -> None:
    """Stop the session and its JVM, even if the JVM is busy or dead."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    process = getattr(gateway, "proc", None)
    with quiet():
        with suppress(Exception):
            session.stop()
        with suppress(Exception):
            gateway.shutdown()
    if process is not None:
        process.kill()
        process.stdin.close()
        process.wait()
    # A context whose JVM was killed cannot be stopped; without this, pyspark would still try to connect to it.
    SparkContext._active_spark_context = None
    SparkContext._gateway = None
    SparkContext._jvm = None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep py4j and pyspark from printing tracebacks about a JVM that was stopped on purpose."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def engine_is_dead() -> bool:
    """Whether this process's JVM was started and has terminated by itself."""
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)
    return process is not None and process.poll() is not None


def kill_engine() -> None:
    """Kill this process's JVM: the only way to stop a training that runs in native code."""
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)
    if process is None:
        return
    # Threads of py4j may be in a call, and continue while the stack unwinds.
    for name in PY4J_LOGGERS:
        logging.getLogger(name).addFilter(_not_of_py4j)
    server = getattr(SparkContext._active_spark_context, "_accumulatorServer", None)
    if server is not None:
        # It would print a traceback about the connection that is closed here.
        server.handle_error = lambda *_: None
    process.kill()


def _not_of_py4j(record: logging.LogRecord) -> bool:
    return "py4j" not in Path(record.pathname).parts


def _fresh_log() -> Path:
    log = engine_log()
    for old in sorted(log.parent.glob("engine-*.log"), key=lambda p: p.stat().st_mtime)[:-KEPT_LOGS]:
        with suppress(OSError):
            old.unlink()
    log.touch(mode=0o600)
    return log


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _refuse_connect(options: SparkOptions) -> None:
    remote = (options.master or "").startswith("sc://") or "SPARK_REMOTE" in os.environ
    if remote or any(pair.startswith("spark.remote=") for pair in options.conf):
        raise UsageError(
            "Spark Connect cannot train: Spark NLP needs the JVM of a classic session",
            hint="use a classic master (spark://…, yarn, k8s://…) or none",
        )


def _require_spark_nlp(session: SparkSession) -> None:
    package: JavaObject = session.sparkContext._jvm
    if package is None or type(package.com.johnsnowlabs.nlp.DocumentAssembler).__name__ != "JavaClass":
        raise SetupError(
            "the active Spark session does not have Spark NLP",
            hint="start it with the jars of Spark NLP, or stop it and let alabtrain start one",
        )


def _brings_spark_nlp(chosen: Mapping[str, str], jars: list[str]) -> bool:
    return "spark-nlp" in chosen.get("spark.jars.packages", "") or any("spark-nlp" in jar for jar in jars)


def _conf_pairs(pairs: tuple[str, ...]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key.strip():
            raise UsageError(f"--conf {pair!r} is not key=value", hint="as in --conf spark.executor.memory=4g")
        chosen[key.strip()] = value.strip()
    return chosen


def _properties(path: Path | None) -> dict[str, str]:
    """Read a spark-defaults file: one `key value`, `key=value` or `key: value` per line, `#` for comments."""
    if path is None:
        return {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"cannot be read ({type(problem).__name__})", where=str(path)) from None
    chosen: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith(("#", "!")):
            continue
        # The first blank, `=` or `:` ends the key, as in Java's properties.
        found = re.fullmatch(r"([^\s=:]+)(?:\s*[=:]\s*|\s+)(\S.*)", line.strip())
        if found is None:
            raise InputError("expected a key and a value", where=f"{path}, line {number}")
        chosen[found[1]] = found[2]
    return chosen


def free_space(folder: Path) -> int:
    """Return the free bytes on the disk of `folder`."""
    return shutil.disk_usage(folder).free
