from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from alabtrain.cli import run
from alabtrain.core.errors import AlabtrainError, SetupError, TrainingError, UsageError
from alabtrain.core.events import ignore
from alabtrain.labeling.config import parse_config
from alabtrain.trainers.factory import make_trainers
from alabtrain.trainers.ner.learners import NerDlLearner
from alabtrain.trainers.ner.options import NerOptions
from alabtrain.trainers.ner.script import ScriptLearner, load_script
from alabtrain.trainers.ner.trainer import NerTrainer
from alabtrain.trainers.nerdl import training as nerdl
from alabtrain.trainers.nerdl.editions import EDITIONS, LICENCE, ner_approach, require_edition
from tests.support.paths import REPOSITORY

EXAMPLE = REPOSITORY / "examples" / "scripts" / "slower_learning.py"
PATIENT = "Mr Miller has pneumonia"


def write(folder: Path, code: str) -> Path:
    path = folder / "my_training.py"
    path.write_text(code, encoding="utf-8")
    return path


def refused(path: Path) -> AlabtrainError:
    with pytest.raises(AlabtrainError) as caught:
        load_script(path)
    return caught.value


def test_the_example_has_the_documented_function() -> None:
    script = load_script(EXAMPLE)
    assert script.file.sha256 == hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
    assert script.file.copy == "script.py"


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    problem = refused(tmp_path / "none.py")
    assert isinstance(problem, UsageError)
    assert problem.where == str(tmp_path / "none.py")
    assert isinstance(refused(tmp_path), UsageError)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("def fit(a, b, c, d, e):\n    pass\n", 1),
        ("train = 3\n", 1),
        ("import os\n\ndef train(session, training):\n    pass\n", 3),
        ("\ndef train(session, training, test, parameters, log, more):\n    pass\n", 2),
        ("x = 1\ny = (\n", 2),
    ],
)
def test_a_script_without_the_right_function_is_a_usage_error_with_its_line(
    tmp_path: Path, code: str, line: int
) -> None:
    path = write(tmp_path, code)
    problem = refused(path)
    assert isinstance(problem, UsageError)
    assert problem.exit_code == 2
    assert problem.where == f"{path}, line {line}"


@pytest.mark.parametrize(
    "code",
    [
        "def train(s, a, b, p, l):\n    pass\n",
        "def train(*everything):\n    pass\n",
        "class Trainer:\n    def __call__(self, a, b, c, d, e):\n        pass\n\ntrain = Trainer()\n",
        "def train(a, b, c, d, e, more=None):\n    pass\n",
    ],
)
def test_whatever_takes_five_arguments_is_taken(tmp_path: Path, code: str) -> None:
    assert callable(load_script(write(tmp_path, code)).train)


def test_bytes_that_are_no_python_are_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "binary.py"
    path.write_bytes(b"\x00\x01")
    assert isinstance(refused(path), UsageError)


def test_dataclasses_work_in_a_script(tmp_path: Path) -> None:
    code = "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass A:\n    b: int\n"
    load_script(write(tmp_path, code + "def train(a, b, c, d, e):\n    return A(1)\n"))


def test_a_top_level_that_raises_is_told_with_its_line_and_without_its_message(tmp_path: Path) -> None:
    path = write(tmp_path, f"def fail():\n    raise ValueError({PATIENT!r} * 2)\n\nfail()\n")
    problem = refused(path)
    assert isinstance(problem, TrainingError)
    assert problem.where == f"{path}, line 2"
    assert "ValueError" in problem.message


@pytest.mark.parametrize("raised", ["ValueError(text)", "SystemExit(text)", "KeyError(text)"])
def test_a_function_that_raises_shows_type_and_own_line_and_no_more(tmp_path: Path, raised: str) -> None:
    code = f"def train(session, training, test, parameters, log):\n    text = training\n    raise {raised}\n"
    path = write(tmp_path, code)
    with pytest.raises(TrainingError) as caught:
        load_script(path).call(None, PATIENT, None, {}, print)
    problem = caught.value
    assert problem.exit_code == 5
    assert problem.where == f"{path}, line 3"
    assert problem.message == f"the script raised {raised.partition('(')[0]} at: raise {raised}"
    assert PATIENT not in str(problem.to_dict())
    assert problem.__cause__ is None
    assert problem.__suppress_context__


def test_an_error_deep_in_a_library_is_told_at_the_scripts_line(tmp_path: Path) -> None:
    code = "import json\n\ndef train(a, b, c, d, e):\n    return json.loads(b)\n"
    path = write(tmp_path, code)
    with pytest.raises(TrainingError) as caught:
        load_script(path).call(None, PATIENT, None, {}, None)
    assert caught.value.where == f"{path}, line 4"
    assert PATIENT not in str(caught.value.to_dict())


def test_what_a_script_prints_is_not_in_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = load_script(write(tmp_path, "print('top')\ndef train(a, b, c, d, e):\n    print('inside')\n"))
    script.call(1, 2, 3, 4, 5)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "top\ninside\n"


def test_a_script_is_for_ner_only(tmp_path: Path, clinic: Path) -> None:
    marker = tmp_path / "ran"
    script = write(tmp_path, f"open({str(marker)!r}, 'w')\n")
    for types in ([], ["--type", "assertion"], ["--type", "ner", "--type", "classification"]):
        assert run(["train", str(clinic), *types, "--script", str(script)]) == 2
    assert not marker.exists()


def test_a_wrong_script_leaves_no_run(tmp_path: Path, clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = write(tmp_path, "def train(data):\n    pass\n")
    arguments = ["train", str(clinic), "--type", "ner", "--script", str(script), "--output", str(tmp_path / "runs")]
    assert run(arguments) == 2
    assert "line 1" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "runs").exists()
    assert run([*arguments, "--script", str(tmp_path / "none.py")]) == 2


def test_without_other_types_ner_need_not_be_asked_for() -> None:
    (trainer,) = make_trainers(None, learning={"ner": NerOptions(epochs=3)}, script=EXAMPLE)
    assert isinstance(trainer, NerTrainer)
    assert isinstance(trainer.learner, ScriptLearner)
    assert trainer.parameters.epochs == 3
    assert [file.path for file in trainer.files] == [EXAMPLE]


def test_a_script_and_an_edition_exclude_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alabtrain.trainers.factory.require_edition", lambda _name: None)
    with pytest.raises(UsageError):
        make_trainers(None, script=EXAMPLE, edition="legal")


@pytest.mark.parametrize("edition", [name for name in EDITIONS if name != "open"])
def test_a_licensed_edition_names_what_is_missing(
    edition: str, clinic: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(LICENCE, raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert run(["train", str(clinic), "--edition", edition, "--output", str(tmp_path / "runs")]) == 4
    told = " ".join(capsys.readouterr().err.split())
    assert "sparknlp_jsl" in told
    assert LICENCE in told
    assert not (tmp_path / "runs").exists()


def test_a_licence_alone_or_a_package_alone_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv(LICENCE, "x")
    with pytest.raises(SetupError, match="package") as caught:
        require_edition("healthcare")
    assert LICENCE not in caught.value.message
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    require_edition("healthcare")
    monkeypatch.delenv(LICENCE)
    with pytest.raises(SetupError, match=LICENCE) as caught:
        require_edition("healthcare")
    assert "package" not in caught.value.message
    require_edition("open")


def test_a_package_without_the_class_or_without_its_jar_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("sparknlp_jsl.finance")
    monkeypatch.setitem(sys.modules, "sparknlp_jsl", ModuleType("sparknlp_jsl"))
    monkeypatch.setitem(sys.modules, "sparknlp_jsl.finance", module)
    with pytest.raises(SetupError, match="FinanceNerApproach"):
        ner_approach("finance")

    def without_jar() -> Any:
        raise TypeError("'JavaPackage' object is not callable")

    vars(module)["FinanceNerApproach"] = without_jar
    with pytest.raises(SetupError, match="jar"):
        ner_approach("finance")
    made = object()
    vars(module)["FinanceNerApproach"] = lambda: made
    assert ner_approach("finance") is made


def test_an_edition_trains_ner_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("alabtrain.trainers.factory.require_edition", lambda _name: None)
    (trainer,) = make_trainers(None, edition="healthcare")
    assert isinstance(trainer, NerTrainer)
    assert isinstance(trainer.learner, NerDlLearner)
    assert trainer.learner.edition == "healthcare"
    config = (
        b'<View><Labels name="l" toName="t"><Label value="A"/></Labels><Text name="t" value="$text"/>'
        b'<Choices name="c" toName="t"><Choice value="x"/><Choice value="y"/></Choices></View>'
    )
    with pytest.raises(UsageError, match="healthcare"):
        make_trainers(parse_config(config, where="config.xml"), edition="healthcare")


class Licensed:
    """Stands for a licensed trainer: takes every setter but those that it lacks."""

    def __init__(self, *lacking: str) -> None:
        self.lacking = lacking
        self.given: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("set") or name in self.lacking:
            raise AttributeError(name=name)

        def keep(value: Any) -> Licensed:
            self.given[name] = value
            return self

        return keep

    def fit(self, training: Any) -> Any:
        return training


def fit(approach: Licensed, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(nerdl, "ner_approach", {"finance": approach}.__getitem__)
    fitted = nerdl.fit_tagger(
        cast("Any", "model"), ("a", "b", "c"), "ner", NerOptions(epochs=7),
        seed=1, scratch=folder / "logs", held_back="validation", sink=ignore,
        dimension=768, edition="finance",
    )  # fmt: skip
    return fitted.model


def test_a_licensed_trainer_gets_the_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    approach = Licensed()
    assert fit(approach, tmp_path, monkeypatch) == "model"
    assert approach.given["setMaxEpochs"] == 7
    assert approach.given["setOutputCol"] == "ner"
    assert approach.given["setTestDataset"] == "validation"
    assert "setGraphFolder" not in approach.given  # its graphs are its own


def test_a_licensed_trainer_without_a_setter_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="setUseBestModel"):
        fit(Licensed("setUseBestModel"), tmp_path, monkeypatch)
