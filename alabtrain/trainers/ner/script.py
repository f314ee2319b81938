"""An NER model that a script of the user trains; alabtrain still reads, tags, scores and records the run.

The script is one Python file with a function

    def train(session, training, test, parameters, log): ...

`session` is the Spark session. `training` and `test` are data frames of sentences with the columns `sentence`, `token`,
`embeddings` and `label` (IOB2 tags as annotations of type named_entity). `test` is the part that is scored: the tasks
tagged Test, else the validation part, else it has no rows. `parameters` is a dict of the NER parameters (`epochs`,
`learning_rate`, …), with `seed`, `labels` (without B- and I-) and `validation`: the path of a Parquet file of the
validation part for `setTestDataset`, or None. `log(text)` writes lines to the run's log. The function returns a fitted
stage with the output column `ner`, or a PipelineModel of such stages, of Spark's or Spark NLP's own classes.

The script runs in this process, with the user's rights.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING

from alabtrain.core.errors import TrainingError, UsageError
from alabtrain.core.events import LogLine, Sink
from alabtrain.core.findings import Finding
from alabtrain.documents.split import Part
from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.spark.annotators import SENTENCE, TAG, TOKEN
from alabtrain.spark.background import engine_failure, explained, run_aside
from alabtrain.spark.saved import flat
from alabtrain.trainers.base import InputFile
from alabtrain.trainers.model_type import SCRIPT_COPY
from alabtrain.trainers.ner.learners import Learned, validation
from alabtrain.trainers.ner.options import NerOptions
from alabtrain.trainers.nerdl.training import LABEL
from alabtrain.trainers.tagging import TaggedCorpus

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

COLUMNS = (SENTENCE, TOKEN, EMBEDDINGS, LABEL)
ARGUMENTS = ("session", "training", "test", "parameters", "log")
MODULE = "alabtrain_script"  # the name of the script's module
MOST_SHOWN = 160  # characters of a line of the script that an error shows

Train = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Script:
    """A training script: its file, and the function `train` in it."""

    file: InputFile
    train: Train

    def call(self, *arguments: object) -> object:
        """Return what `train` returns. Raises `TrainingError` with the script's line if it raises an exception."""
        with _script_errors(self.file):
            return self.train(*arguments)


def load_script(path: Path) -> Script:
    """Read a training script and run its top level, so that `train` is defined.

    Raises:
        UsageError: there is no such file, it is not Python, or it has no function `train` with five parameters; the
            error names file and line.
        TrainingError: the top level of the script raises an exception.
    """
    try:
        file = InputFile(path, path.read_bytes(), SCRIPT_COPY)
    except OSError as problem:
        reason = "no such file" if isinstance(problem, FileNotFoundError) else f"cannot be read: {problem.strerror}"
        raise UsageError(reason, where=str(path)) from None
    try:
        code = compile(file.content, str(path), "exec", dont_inherit=True)
    except SyntaxError as problem:
        raise UsageError("this is not valid Python", where=_location(path, problem.lineno or 1)) from None
    except ValueError:  # a NUL
        raise UsageError("this is not Python", where=str(path)) from None
    module = ModuleType(MODULE)
    module.__file__ = str(path)
    sys.modules[MODULE] = module  # dataclasses look their own module up
    with _script_errors(file):
        exec(code, module.__dict__)  # noqa: S102 - the user's own script; see SECURITY.md
    return Script(file, _require_train(module, path))


@dataclass(frozen=True, slots=True)
class ScriptLearner:
    """Fits taggers with the user's script."""

    script: Script

    @property
    def files(self) -> tuple[InputFile, ...]:
        """The script."""
        return (self.script.file,)

    def ready(self, tagged: TaggedCorpus, labels: Sequence[str], sink: Sink) -> tuple[ScriptLearner, Sequence[Finding]]:
        """Require nothing, as the script may train a model without TensorFlow graphs."""
        return self, ()

    def fit(self, tagged: TaggedCorpus, labels: Sequence[str], parameters: NerOptions, sink: Sink) -> Learned:
        """Run the script's `train` in another thread, so that Ctrl-C interrupts it."""
        corpus = tagged.corpus
        with explained():
            training = _labelled(tagged, "train")
            part = corpus.scored_part
            test = training.limit(0) if part is None else _labelled(tagged, part)
            options = {
                **asdict(parameters),
                "seed": corpus.seed,
                "labels": list(labels),
                "validation": validation(tagged, COLUMNS),
            }
        lines: SimpleQueue[str] = SimpleQueue()

        def pass_on() -> None:
            # Events are sent from this thread, so that the sink need not be thread-safe.
            with contextlib.suppress(Empty):
                while True:
                    sink(LogLine(lines.get_nowait()))

        def log(text: object) -> None:
            lines.put(str(text))

        try:
            model = run_aside(lambda: self.script.call(corpus.session, training, test, options, log), pass_on)
        finally:
            pass_on()
        return Learned(flat(_require_model(model, training, self.script.file)))


def _labelled(tagged: TaggedCorpus, part: Part) -> DataFrame:
    return tagged.labelled(tagged.corpus.frame(part), part, EMBEDDINGS).select(*COLUMNS)


def _require_train(module: ModuleType, path: Path) -> Train:
    train = getattr(module, "train", None)
    expected = f"expected: def train({', '.join(ARGUMENTS)})"
    if not callable(train):
        raise UsageError("the script has no function `train`", where=_location(path, 1), hint=expected)
    try:
        inspect.signature(train).bind(*ARGUMENTS)
    except (TypeError, ValueError):
        code = getattr(inspect.unwrap(train), "__code__", None)
        line = code.co_firstlineno if code is not None and code.co_filename == str(path) else 1
        raise UsageError(
            f"`train` does not take {len(ARGUMENTS)} arguments", where=_location(path, line), hint=expected
        ) from None
    return train  # type: ignore[no-any-return]


def _require_model(model: object, training: DataFrame, file: InputFile) -> Transformer:
    """Return the script's model. Raises `TrainingError` if it is no tagger, or cannot be loaded without the script."""
    from pyspark.ml import Transformer
    from pyspark.ml.util import MLWritable

    expected = f"return a fitted stage with the output column `{TAG}`, or a PipelineModel of such stages"
    if not isinstance(model, Transformer):
        returned = "nothing" if model is None else f"a {type(model).__name__}, which is no fitted stage"
        raise TrainingError(f"the script's `train` returned {returned}", where=str(file.path), hint=expected)
    for stage in flat(model):
        if not isinstance(stage, MLWritable) or type(stage).__module__ == MODULE:
            raise TrainingError(
                f"the script's stage {type(stage).__name__} cannot be saved and loaded without the script",
                where=str(file.path),
                hint="use stages of Spark and Spark NLP",
            )
    with explained():
        fields = model.transform(training.drop(LABEL).limit(0)).schema.fields
    types = [field.metadata.get("annotatorType") for field in fields if field.name == TAG]
    if types != ["named_entity"]:
        problem = "other annotations than named_entity in" if types else "no output column"
        raise TrainingError(f"the script's model has {problem} `{TAG}`", where=str(file.path), hint=expected)
    return model


@contextlib.contextmanager
def _script_errors(file: InputFile) -> Iterator[None]:
    """Convert every exception of the script into a `TrainingError` with the script's line, but without the message.

    The message may contain text of documents. The script's output goes to stderr, as stdout is for results.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (Exception, SystemExit) as problem:
        raise _as_error(problem, file) from None


def _as_error(problem: Exception | SystemExit, file: InputFile) -> TrainingError:
    own = [
        line for frame, line in traceback.walk_tb(problem.__traceback__) if frame.f_code.co_filename == str(file.path)
    ]
    line = own[-1] if own else 1
    source = file.content.decode("utf-8", "replace").splitlines()
    shown = source[line - 1].strip()[:MOST_SHOWN] if line <= len(source) else ""
    failure = None
    if isinstance(problem, Exception) and hasattr(problem, "java_exception"):
        failure = engine_failure(problem)
    hint = "its message is not shown, as it may contain text of documents; the script can catch it and log what is safe"
    return TrainingError(
        f"the script raised {type(problem).__name__} at: {shown}",
        where=_location(file.path, line),
        hint=failure.message if failure is not None else hint,
    )


def _location(path: Path, line: int) -> str:
    return f"{path}, line {line}"
