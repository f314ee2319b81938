"""A NER model that a script of the user's trains: the reading, the tags, the scores and the run stay alabtrain's.

The script is one Python file with a function

    def train(session, training, test, parameters, log): ...

`session` is the Spark session. `training` and `test` are data frames of sentences with the columns `sentence`, `token`,
`embeddings` and `label` (IOB2 tags as annotations of type named_entity); `test` is the part that is scored: the tasks
tagged Test, else the validation part, else it has no row. `parameters` is a dict of the NER parameters (`epochs`,
`learning_rate`, …), with `seed`, `labels` (without B- and I-) and `validation`: the path of a parquet of the validation
part, as `setTestDataset` takes it, or None. `log(text)` writes lines into the run's log. It returns a fitted stage with
the output column `ner`, or a PipelineModel of such stages, of Spark's or Spark NLP's own classes.

It runs in this process, with the user's rights.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING, Any

from alabtrain.core.errors import TrainingError, UsageError
from alabtrain.core.events import Line, Sink
from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.spark.annotators import SENTENCE, TOKEN
from alabtrain.spark.background import engine_failure, explained, run_aside
from alabtrain.spark.saved import flat
from alabtrain.trainers.base import InputFile
from alabtrain.trainers.corpus import Corpus
from alabtrain.trainers.ner.options import NerOptions
from alabtrain.trainers.ner.trainer import NER, NerTrainer
from alabtrain.trainers.nerdl.training import LABEL

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

COPY = "script.py"  # what the copy in a run is called
COLUMNS = (SENTENCE, TOKEN, EMBEDDINGS, LABEL)
ARGUMENTS = ("session", "training", "test", "parameters", "log")
MODULE = "alabtrain_script"  # the name that the script's code runs under
MOST_SHOWN = 160  # characters of a line of the script

Train = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Script:
    """A training script that was read: its file, and the function `train` in it."""

    file: InputFile
    train: Train

    def call(self, *arguments: Any) -> Any:
        """Return what `train` returns. Raises `TrainingError` with the script's line when it raises anything."""
        with _told(self.file):
            return self.train(*arguments)


def load_script(path: Path) -> Script:
    """Read a training script and run its top level, so that `train` is there.

    Raises `UsageError` with file and line when there is no such file, it is not Python, or it has no function `train`
    of five arguments; `TrainingError` when its top level raises.
    """
    try:
        file = InputFile(path, path.read_bytes(), COPY)
    except OSError as problem:
        reason = "no such file" if isinstance(problem, FileNotFoundError) else f"cannot be read: {problem.strerror}"
        raise UsageError(reason, where=str(path)) from None
    try:
        code = compile(file.content, str(path), "exec", dont_inherit=True)
    except SyntaxError as problem:
        raise UsageError("this is not valid Python", where=_place(path, problem.lineno or 1)) from None
    except ValueError:  # a NUL
        raise UsageError("this is not Python", where=str(path)) from None
    module = ModuleType(MODULE)
    module.__file__ = str(path)
    sys.modules[MODULE] = module  # dataclasses look their own module up
    with _told(file):
        exec(code, module.__dict__)  # noqa: S102 - the user's own script; see SECURITY.md
    return Script(file, _require_train(module, path))


class ScriptTrainer(NerTrainer):
    """Trains NER with the user's script in place of NerDL."""

    def __init__(self, parameters: NerOptions, script: Script) -> None:
        super().__init__(parameters)
        self.script = script
        self.files = (script.file,)

    def fit(self, corpus: Corpus, sink: Sink) -> None:
        """Let the script train, aside, so that Ctrl-C is heard."""
        with explained():
            training = self.labelled(corpus, "train").select(*COLUMNS)
            part = corpus.scored_part
            test = training.limit(0) if part is None else self.labelled(corpus, part).select(*COLUMNS)
            parameters = {
                **asdict(self.parameters),
                "seed": corpus.seed,
                "labels": list(self.labels),
                "validation": self.held_back(corpus, COLUMNS),
            }
        lines: SimpleQueue[str] = SimpleQueue()

        def pass_on() -> None:
            # Events are sent from this thread: whoever listens need not know that there are two.
            with contextlib.suppress(Empty):
                while True:
                    sink(Line(lines.get_nowait()))

        def log(text: object) -> None:
            lines.put(str(text))

        try:
            made = run_aside(lambda: self.script.call(corpus.session, training, test, parameters, log), pass_on)
        finally:
            pass_on()
        self._model = _require_model(made, training, self.script.file)

    def stages(self) -> list[Transformer]:
        """Return the script's stages, and the one that gives `ner_chunk`."""
        return [*flat(self._model), self.converter()]

    def require_graph(self, corpus: Corpus, training: object) -> None:
        """Require nothing: the script may train something that has no graphs."""


def _require_train(module: ModuleType, path: Path) -> Train:
    train = getattr(module, "train", None)
    expected = f"expected: def train({', '.join(ARGUMENTS)})"
    if not callable(train):
        raise UsageError("the script has no function `train`", where=_place(path, 1), hint=expected)
    try:
        inspect.signature(train).bind(*ARGUMENTS)
    except (TypeError, ValueError):
        code = getattr(inspect.unwrap(train), "__code__", None)
        line = code.co_firstlineno if code is not None and code.co_filename == str(path) else 1
        raise UsageError(
            f"`train` does not take {len(ARGUMENTS)} arguments", where=_place(path, line), hint=expected
        ) from None
    return train  # type: ignore[no-any-return]


def _require_model(made: Any, training: DataFrame, file: InputFile) -> Transformer:
    """Return what a script returned, if it is a model that tags and can be loaded elsewhere; else `TrainingError`."""
    from pyspark.ml import Transformer
    from pyspark.ml.util import MLWritable

    expected = f"return a fitted stage with the output column `{NER}`, or a PipelineModel of such stages"
    if not isinstance(made, Transformer):
        what = "nothing" if made is None else f"a {type(made).__name__}, which is no fitted stage"
        raise TrainingError(f"the script's `train` returned {what}", where=str(file.path), hint=expected)
    for stage in flat(made):
        if not isinstance(stage, MLWritable) or type(stage).__module__ == MODULE:
            raise TrainingError(
                f"the script's stage {type(stage).__name__} cannot be saved and loaded without the script",
                where=str(file.path),
                hint="use stages of Spark and Spark NLP",
            )
    with explained():
        fields = made.transform(training.drop(LABEL).limit(0)).schema.fields
    kinds = [field.metadata.get("annotatorType") for field in fields if field.name == NER]
    if kinds != ["named_entity"]:
        what = "other annotations than named_entity in" if kinds else "no output column"
        raise TrainingError(f"the script's model has {what} `{NER}`", where=str(file.path), hint=expected)
    return made


@contextlib.contextmanager
def _told(file: InputFile) -> Iterator[None]:
    """Turn whatever the script raises into an error that shows its line and no word of the message.

    A message may hold text of documents. What the script prints goes to stderr: stdout belongs to the answer.
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
    hint = "what it said is not shown, as it may hold text of documents; the script can catch it and log what is safe"
    return TrainingError(
        f"the script raised {type(problem).__name__} at: {shown}",
        where=_place(file.path, line),
        hint=failure.message if failure is not None else hint,
    )


def _place(path: Path, line: int) -> str:
    return f"{path}, line {line}"
