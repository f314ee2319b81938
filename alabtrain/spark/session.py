"""The Spark session: started from cached jars on whatever Java there is, its noise kept off the terminal.

Local by default. With a master, nothing is set that the user did not ask for, but for the jars of Spark NLP. A
session that is already active is used as it is and left running.
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
from typing import TYPE_CHECKING, Any

from alabtrain.core.downloads import cache_folder
from alabtrain.core.errors import InputError, Interrupted, SetupError, UsageError
from alabtrain.core.events import Progress, Sink, Step, ignore
from alabtrain.spark.jars import fetch_jars, missing_jars
from alabtrain.spark.java import find_java
from alabtrain.spark.options import SparkOptions as SparkOptions

if TYPE_CHECKING:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

KEPT_LOGS = 5
# Of the machine's, for the heap, which Java fills before it collects; TensorFlow and ONNX take theirs outside of it.
MEMORY_SHARE = 1 / 3
MEMORY_BOUNDS = (2, 32)  # GiB

# Some of what py4j has to say it says in the name of the root.
PY4J_LOGGERS = ("", "py4j.clientserver", "py4j.java_gateway")

LOCAL_MASTER = "local[*]"
LOCAL_CONF = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.maxResultSize": "0",
    # Two encoders in one session both ship a file called model.onnx.
    "spark.files.overwrite": "true",
    "spark.kryoserializer.buffer.max": "2000M",
    "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@contextmanager
def open_session(options: SparkOptions, sink: Sink = ignore) -> Iterator[SparkSession]:
    """Give the active Spark session, else start one for the block and stop it afterwards.

    Missing jars are downloaded first; `sink` hears of that and of the start. Raises `UsageError` for Spark Connect and
    bad options, `SetupError` when Java, the jars or the start itself fail.
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
            # To be stopped in order, a JVM that is deep in native code would first finish what it does.
            kill_engine()
            raise
        finally:
            _stop(session)


def settings(options: SparkOptions, jars: list[Path], scratch: Path | None = None) -> dict[str, str]:
    """Return the Spark settings for `options`: ours for a local session, under the user's own.

    Raises `UsageError` for a `--conf` that is not `key=value`, `InputError` for a bad properties file.
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
    # `local:` says that the file is there on every node: Spark then does not copy it.
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
        # Spark NLP unpacks its networks there and leaves them; a crashed JVM would report into the user's own folder.
        crash = engine_log().with_suffix(".crash")
        chosen["spark.driver.extraJavaOptions"] = f'"-Djava.io.tmpdir={scratch}" "-XX:ErrorFile={crash}"'
    return chosen


def default_memory_gib() -> int:
    """Return the driver's heap in GiB that suits this machine (or its container)."""
    low, high = MEMORY_BOUNDS
    return max(low, min(high, int(machine_memory() * MEMORY_SHARE / 2**30)))


def machine_memory() -> int:
    """Return the memory of the machine in bytes, or the container's limit where that is lower."""
    import psutil

    total = int(psutil.virtual_memory().total)
    with suppress(OSError, ValueError):
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return total


def engine_log() -> Path:
    """Return the file that this process's JVM writes to; only the user may read it."""
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
            hint="the file above holds what Java said; `alabtrain doctor` tells what is missing",
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


def _launch(conf: SparkConf, log: Path) -> Any:
    from pyspark.java_gateway import launch_gateway

    with log.open("ab") as sink:
        return launch_gateway(conf=conf, popen_kwargs={"stdout": sink, "stderr": subprocess.STDOUT})


def _stop(session: SparkSession) -> None:
    """Stop the session and its JVM, also when the JVM is busy or gone already."""
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
    # A context whose JVM was killed cannot be stopped; without this, pyspark would still try to reach it.
    SparkContext._active_spark_context = None
    SparkContext._gateway = None
    SparkContext._jvm = None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep py4j and pyspark from printing tracebacks about a JVM that is gone on purpose."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def engine_is_dead() -> bool:
    """Whether this process's JVM was started, and has ended by itself."""
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)
    return process is not None and process.poll() is not None


def kill_engine() -> None:
    """End this process's JVM at once: the way to stop a training that is deep in native code."""
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)
    if process is None:
        return
    # Threads of py4j's own may be in the middle of a call, and go on calling while the stack is left.
    for name in PY4J_LOGGERS:
        logging.getLogger(name).addFilter(_not_of_py4j)
    server = getattr(SparkContext._active_spark_context, "_accumulatorServer", None)
    if server is not None:
        # It would print a traceback about the connection that is cut off here.
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
            hint="give a classic master (spark://…, yarn, k8s://…) or none",
        )


def _require_spark_nlp(session: SparkSession) -> None:
    package: Any = session.sparkContext._jvm
    if package is None or type(package.com.johnsnowlabs.nlp.DocumentAssembler).__name__ != "JavaClass":
        raise SetupError(
            "the active Spark session has no Spark NLP",
            hint="start it with the jars of Spark NLP, or stop it and let alabtrain start its own",
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
    """Read a spark-defaults file: `key value`, `key=value` or `key: value` a line, `#` for comments."""
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
