"""From the fields of options classes to the options of commands, and back to values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
import typer
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.core import TyperOption

from alabtrain.cli import COMMANDS, cli, run
from alabtrain.console.arguments import as_command
from alabtrain.console.options import expanded, settings_of
from alabtrain.core.options import Options, option, options_of
from alabtrain.trainers.registry import learning_options, type_names
from alabtrain.workflows.train_config import TrainConfig

Capture = pytest.CaptureFixture[str]


@dataclass(frozen=True, slots=True)
class Toy(Options):
    PANEL: ClassVar[str] = "Toys"

    count: int = option(3, "How many.", at_least=1, at_most=9)
    rate: float | None = option(None, "How fast.", above=0, below=1, default_text="as it comes")
    name: str | None = option(None, "Its name.")
    loud: bool = option(False, "Make a noise.")
    kept: bool = option(True, "Keep it.", off="--dropped")
    where: Path = option(Path("box"), "Its box.", names=("-w", "--where"), once=True)
    colour: Literal["red", "blue"] = option("red", "Its colour.", among=("red", "blue"))
    tags: tuple[str, ...] = option((), "Its tags.")
    shares: tuple[float, ...] = option((50.0, 100.0), "In per cent.", above=0, at_most=100)
    kinds: tuple[str, ...] = option((), "Of which kinds.", names=("--kind",), among=("a", "b"), repeated=True)
    size: int = option(7, "Its size.", formerly=("-s", "--extent"))


def made(arguments: list[str]) -> Toy:
    """Return the value that a command gets for its command line."""
    got: list[Toy] = []

    def command(*, toy: Toy) -> None:
        got.append(toy)

    as_command(_at_home(command)).main(arguments, standalone_mode=False)
    return got[0]


def _at_home(function: Callable[..., Any]) -> Callable[..., Any]:
    function.__annotations__ = {"toy": Toy}
    return function


def toy_parameters() -> dict[str, Any]:
    def command(*, toy: Toy) -> None:
        """Play."""

    return {parameter.name: parameter for parameter in as_command(_at_home(command)).params}


def test_without_an_option_the_defaults_are_those_of_the_class() -> None:
    assert made([]) == Toy()


@given(st.integers(1, 9), st.floats(0, 1, exclude_min=True, exclude_max=True), st.sampled_from(["red", "blue"]))
def test_what_is_typed_is_what_the_class_gets(count: int, rate: float, colour: Literal["red", "blue"]) -> None:
    typed = ["--count", str(count), "--rate", repr(rate), "--colour", colour]
    assert made(typed) == Toy(count=count, rate=rate, colour=colour)


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


@given(st.lists(words, max_size=4), st.lists(st.sampled_from(["a", "b"]), max_size=3))
def test_lists_are_written_with_commas_or_by_repeating(tags: list[str], kinds: list[str]) -> None:
    typed = ["--tags", ", ".join(tags), *(word for kind in kinds for word in ("--kind", kind))]
    assert made(typed) == Toy(tags=tuple(tags), kinds=tuple(kinds))


def test_every_type_of_field_is_read() -> None:
    typed = ["--name", "Teddy", "--loud", "--dropped", "-w", "shelf", "--shares", "10,20.5"]
    assert made(typed) == Toy(name="Teddy", loud=True, kept=False, where=Path("shelf"), shares=(10.0, 20.5))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--count", "0"], "--count must be at least 1 and at most 9, not 0"),
        (["--rate", "1"], "--rate must be above 0 and below 1, not 1"),
        (["--rate", "nan"], "--rate must be above 0 and below 1"),
        (["--shares", "50,101"], "--shares must be above 0 and at most 100, not 101"),
        (["--shares", "many"], "is not a list of numbers"),
        (["--colour", "green"], "'green' is not one of 'red', 'blue'"),
        (["--kind", "c"], "'c' is not one of 'a', 'b'"),
        (["--count", "many"], "'many' is not a valid int"),
    ],
)
def test_what_is_out_of_bounds_is_wrong_usage(typed: list[str], said: str) -> None:
    from alabtrain.core.errors import UsageError

    with pytest.raises((UsageError, typer.TyperException)) as problem:
        made(typed)
    assert said in str(problem.value)
    assert problem.value.exit_code == 2


def test_help_bounds_default_and_panel_come_from_the_field() -> None:
    parameters = toy_parameters()
    count = parameters["count"]
    assert (count.help, count.show_default) == ("How many. (1 to 9)", "3")
    assert {parameter.rich_help_panel for name, parameter in parameters.items() if name in Toy.__slots__} == {"Toys"}
    assert (parameters["rate"].show_default, parameters["kept"].show_default) == ("as it comes", "kept")
    assert (parameters["kept"].opts, parameters["kept"].secondary_opts) == (["--kept"], ["--dropped"])
    assert (parameters["loud"].opts, parameters["loud"].secondary_opts) == (["--loud"], [])


def test_what_is_about_a_single_call_has_no_variable() -> None:
    parameters = toy_parameters()
    assert parameters["where"].envvar is None
    assert parameters["count"].envvar == "ALABTRAIN_COUNT"
    assert parameters["kinds"].envvar == "ALABTRAIN_KIND"


def test_a_former_name_works_and_says_so(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(["--extent", "9"]).size == made(["-s", "9"]).size == 9
    assert "--extent is now --size; the former name works until" in capsys.readouterr().err
    assert made(["--extent", "9", "--size", "8"]).size == 8
    monkeypatch.setenv("ALABTRAIN_EXTENT", "5")
    capsys.readouterr()
    assert made([]).size == 5
    assert capsys.readouterr().err.startswith("ALABTRAIN_EXTENT is now ALABTRAIN_SIZE; ")
    assert made(["--size", "8"]).size == 8
    monkeypatch.setenv("ALABTRAIN_SIZE", "6")
    assert made([]).size == 6


class Trained(Exception):
    """Stands for the training that a test does not want."""


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, clinic: Path) -> Callable[..., tuple[TrainConfig, dict[str, str]]]:
    """Return what runs `alabtrain train` and gives what the library would have trained with."""
    got: list[tuple[Any, Any]] = []

    def instead(_project: Any, config: TrainConfig, _workspace: Any, *, provenance: dict[str, str]) -> None:
        got.append((config, provenance))
        raise typer.Exit

    monkeypatch.setattr("alabtrain.workflows.train.train", instead)

    def call(*arguments: str) -> tuple[TrainConfig, dict[str, str]]:
        assert run(["train", str(clinic), *arguments]) == 0
        return got.pop()

    return call


def test_an_option_of_learning_sets_every_type_that_has_it(trained: Any) -> None:
    config, sources = trained("--epochs", "20", "--members", "2")
    assert {kind: of.epochs for kind, of in config.learning.items()} == dict.fromkeys(type_names(), 20)
    assert (config.assertion.members, config.visual_ner.members) == (2, 2)
    assert config.asked == {"epochs", "members"}
    assert sources["epochs"] == "flag"
    assert trained()[0] == TrainConfig()


def test_an_option_of_one_type_comes_before_that_of_all(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    config, sources = trained("--ner.epochs", "7", "--epochs", "20")
    assert (config.ner.epochs, config.assertion.epochs) == (7, 20)
    assert (sources["ner.epochs"], sources["epochs"]) == ("flag", "flag")
    assert "assertion.epochs" not in sources  # it is that of all types
    assert config.asked == {"epochs", "ner.epochs"}
    monkeypatch.setenv("ALABTRAIN_VISUAL_NER_EPOCHS", "9")
    config, sources = trained("--epochs", "20")
    assert (config.visual_ner.epochs, config.ner.epochs) == (9, 20)
    assert sources["visual_ner.epochs"] == "environment"
    assert config.asked == {"epochs"}


def test_a_section_of_the_settings_file_is_of_one_type(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "epochs: 20\nner:\n  epochs: 7\n  learning_rate: 0.5\nvisual_ner: {best-model: true}\nassertion:\n"
    Path("alabtrain.yaml").write_text(text, encoding="utf-8")
    config, sources = trained()
    assert (config.ner.epochs, config.assertion.epochs, config.ner.learning_rate) == (7, 20, 0.5)
    assert (config.visual_ner.best_model, config.ner.best_model) == (True, False)
    assert (sources["ner.epochs"], sources["epochs"]) == ("alabtrain.yaml", "alabtrain.yaml")
    assert config.asked == frozenset()
    monkeypatch.setenv("ALABTRAIN_NER_EPOCHS", "8")
    assert trained()[0].ner.epochs == 8
    assert trained("--ner.epochs", "9")[0].ner.epochs == 9


SOURCES = ("flag", "environment", "alabtrain.yaml")


@pytest.mark.parametrize("of_all", [None, *SOURCES])
@pytest.mark.parametrize("of_ner", [None, *SOURCES])
def test_whatever_the_sources_are_one_type_comes_first(
    trained: Any, monkeypatch: pytest.MonkeyPatch, of_all: str | None, of_ner: str | None
) -> None:
    flags: list[str] = []
    lines: dict[str, Any] = {}
    for source, name, value in ((of_all, "epochs", 20), (of_ner, "ner.epochs", 7)):
        if source == "flag":
            flags += [f"--{name}", str(value)]
        elif source == "environment":
            monkeypatch.setenv("ALABTRAIN_" + name.replace(".", "_").upper(), str(value))
        elif source is not None:
            section, _, field = name.rpartition(".")
            lines.update({section: {field: value}} if section else {field: value})
    Path("alabtrain.yaml").write_text(yaml.safe_dump(lines), encoding="utf-8")
    config, _sources = trained(*flags)
    assert config.ner.epochs == (7 if of_ner else 20 if of_all else 12)
    assert config.assertion.epochs == (20 if of_all else 10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ner: {epoch: 3}\n", "unknown option `ner.epoch`"),
        ("ner: {members: 3}\n", "unknown option `ner.members`"),
        ("nerd: {epochs: 3}\n", "unknown option `nerd.epochs`"),
    ],
)
def test_an_unknown_option_of_a_section_is_refused(text: str, said: str, clinic: Path, capsys: Capture) -> None:
    Path("alabtrain.yaml").write_text(text, encoding="utf-8")
    assert run(["train", str(clinic)]) == 3
    captured = capsys.readouterr().err
    assert said in captured
    assert "did you mean" in captured


def test_an_option_of_a_type_that_is_not_trained_is_wrong_usage(clinic: Path, capsys: Capture) -> None:
    for name in ("--window", "--visual_ner.window", "--classification.epochs"):
        assert run(["train", str(clinic), "--type", "ner", name, "100"]) == 2
        assert f"{name} has no effect on ner" in capsys.readouterr().err


def test_bounds_hold_for_one_type_too(clinic: Path, capsys: Capture) -> None:
    assert run(["train", str(clinic), "--ner.epochs", "0"]) == 2
    assert "epochs must be at least 1" in capsys.readouterr().err


def test_what_types_share_is_declared_alike() -> None:
    # There is one option for all of them: but for the default, it must be the same.
    declared = defaultdict(set)
    for cls in learning_options().values():
        for one in options_of(cls):
            bounds = (one.bounds, one.declared.among, one.declared.off, one.declared.metavar)
            declared[one.name].add((one.declared.help, *bounds))
    assert {name for name, found in declared.items() if len(found) > 1} == set()


def test_the_help_has_the_default_of_each_type() -> None:
    shared = {one.name: one for one in settings_of(TrainConfig) if one.shared}
    assert shared["epochs"].text == "ner 12; assertion 10; others by the number of examples"
    assert shared["batch_size"].text == "ner, assertion 16; classification 32; visual_ner 4"
    assert (shared["decay"].text, shared["decay"].scope) == ("0.05", "Not for classification.")
    assert (shared["window"].text, shared["window"].scope) == ("120", "For visual_ner.")


# One name means one thing. These are the names that are about what a call writes or looks at, and differ by command.
OF_THE_COMMAND = {
    "output": "the file or folder that this command writes",
    "format": "the format of what it writes",
    "type": "trained, compared, or whose log is printed",
    "run": "the run whose models this command uses",
    "config": "beside the project, or of the deployment",
    "seed": "of the training, or of the bootstrap",
    "deploy": "on or off; a watch asks once",
    "lang": "of the texts, or of the model that is imported",
}


def options_of_commands() -> Iterator[tuple[str, TyperOption]]:
    context = typer.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        for one in (command, *getattr(command, "commands", {}).values()):
            for parameter in one.params:
                if isinstance(parameter, TyperOption):
                    yield name, parameter


def test_an_option_means_the_same_in_every_command() -> None:
    meanings: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for _command, parameter in options_of_commands():
        if parameter.hidden and parameter.opts[-1] == "--output":
            continue  # the former name of --runs
        long = next(name for name in parameter.opts if name.startswith("--")).removeprefix("--")
        scope = " For visual_ner."  # of what a training has per type
        text = (parameter.help or "").removesuffix(scope)
        meanings[long].add((text, str(parameter.metavar), parameter.envvar, parameter.is_flag))
    differing = {name for name, found in meanings.items() if len(found) > 1}
    assert differing <= set(OF_THE_COMMAND), {name: meanings[name] for name in differing - set(OF_THE_COMMAND)}


def test_the_folder_of_runs_is_called_runs_everywhere(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    with_runs = {name for name, one in options_of_commands() if "--runs" in one.opts}
    assert with_runs == {"train", "runs", "evaluate", "curve", "watch"}
    former = "the former name works until alabtrain 0.3\n"
    for given_so, note in (
        (["-o", "mine"], "--output is now --runs; " + former),
        (["--output", "mine"], "--output is now --runs; " + former),
    ):
        Path("mine").mkdir(exist_ok=True)
        assert run(["runs", *given_so]) == 0
        assert capsys.readouterr().err == note + "no runs in mine\n"
    Path("alabtrain.yaml").write_text("output: mine\n", encoding="utf-8")
    assert run(["runs"]) == 0
    assert capsys.readouterr().err == f"`output:` in alabtrain.yaml is now `runs:`; {former}no runs in mine\n"
    monkeypatch.setenv("ALABTRAIN_OUTPUT", "theirs")
    assert run(["runs"]) == 0
    assert capsys.readouterr().err == f"ALABTRAIN_OUTPUT is now ALABTRAIN_RUNS; {former}no runs in theirs\n"
    assert run(["runs", "--output", "nowhere"]) == 2
    assert run(["runs", "--runs", "mine"]) == 0


BANNED = {"told", "tell", "tells", "said", "thing", "things", "place", "kind", "made"}


def test_helps_are_sentences_in_plain_words() -> None:
    for command, parameter in options_of_commands():
        text = (parameter.help or "").partition(" (")[0]
        assert text, (command, parameter.opts)
        assert text[0].isupper(), (command, text)
        assert not BANNED & set((parameter.help or "").lower().replace(".", "").replace(",", "").split()), text
    for name in COMMANDS:
        text = cli.get_command(typer.Context(cli), name).help
        assert not BANNED & set(text.lower().replace(".", "").replace(",", "").split()), (name, text)


def test_a_command_gives_its_own_parameters_as_they_are() -> None:
    got: dict[str, Any] = {}

    def command(ctx: typer.Context, number: int = 3, *, toy: Toy) -> None:
        got.update(ctx=ctx, number=number, toy=toy)

    command.__annotations__ = {"ctx": typer.Context, "number": int, "toy": Toy}
    app = typer.Typer(add_completion=False)
    app.command()(expanded(command))
    typer.main.get_command(app).main(["--number", "4", "--count", "5"], standalone_mode=False)
    assert (got["number"], got["toy"]) == (4, Toy(count=5))
    assert got["ctx"].params["count"] == 5


def test_the_record_names_the_source_of_each_type(trained: Any, clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alabtrain.project.project import open_project
    from alabtrain.trainers.factory import make_trainers
    from alabtrain.workflows.parameters import training_parameters
    from alabtrain.workflows.workspace import Workspace

    monkeypatch.setenv("ALABTRAIN_NER_DECAY", "0.1")
    config, sources = trained("--epochs", "20", "--ner.epochs", "7", "--dropout", "0.4", "--ner.dropout", "0.4")
    project = open_project(clinic)
    trainers = make_trainers(project.config, ("ner", "assertion"), config.learning)
    record = training_parameters(project, config, Workspace(), trainers, sources)
    assert record["ner.epochs"] == {"value": 7, "from": "flag"}
    assert record["assertion.epochs"] == {"value": 20, "from": "flag"}
    assert record["ner.decay"] == {"value": 0.1, "from": "environment"}
    assert record["assertion.decay"] == {"value": 0.05, "from": "default"}
    assert record["seed"] == {"value": 42, "from": "default"}
