from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from alabtrain.core.errors import InputError, Interrupted, SetupError, TrainingError, UsageError
from alabtrain.core.files import LineFile, write_aside
from alabtrain.runs.record import DEAD, find_run
from alabtrain.runs.run import create_run, list_runs, read_run
from alabtrain.scoring.results import headline
from tests.support.paths import REPOSITORY

WORDS = "the patient's own words"


def begin(output, types=("ner",), **changes):
    facts = {
        "parameters": {
            "epochs": {"value": 3, "from": "flag"},
            "project": {"value": Path("p.zip"), "from": "flag"},
        },
        "inputs": {"p.zip": "ab" * 32},
        "seed": 7,
        "versions": {"alabtrain": "0"},
    }  # fmt: skip
    return create_run(output, types, **{**facts, **changes})


def in_a_process(code, output):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(output)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


START = """
    import sys, time
    from pathlib import Path
    from alabtrain.runs.run import create_run
    output = Path(sys.argv[1])
    started = create_run(output, ["ner"], parameters={}, inputs={}, seed=1, versions={})
"""


def test_a_run_has_its_name_and_says_done_only_when_it_is_over(tmp_path):
    with begin(tmp_path / "runs") as run:
        aside = run.path("")
        assert aside.is_absolute()
        assert not run.final_path.exists()
        run.state("selected")
        run.write_json("metrics.json", {"ner": {}})
        assert read_run(aside).state == "selected"
        run.finish()
        assert run.final_path.is_dir()
        assert not aside.exists()
        assert run.path("metrics.json").is_file()
    assert [folder.name for folder in (tmp_path / "runs").iterdir()] == [run.final_path.name]
    assert run.final_path.name.endswith("Z-ner")
    assert sorted(f.name for f in run.final_path.iterdir()) == ["metrics.json", "run.json", "train.log"]


def test_run_json_has_the_documented_shape(tmp_path):
    with begin(tmp_path) as run:
        pass
    record = json.loads(run.path("run.json").read_bytes())
    assert list(record) == [
        "state",
        "type",
        "types",
        "parameters",
        "versions",
        "inputs",
        "seed",
        "started",
        "finished",
    ]
    assert record["state"] == "done"
    assert record["parameters"]["project"] == {"value": "p.zip", "from": "flag"}
    info = read_run(run.final_path)
    assert (info.project, info.seed, info.parameter("epochs")) == ("p.zip", 7, 3)
    assert info.seconds is not None
    assert info.seconds >= 0


def test_states_only_go_forward(tmp_path):
    with begin(tmp_path) as run:
        run.state("prepared")
        for wrong in ("selected", "prepared", "failed", "finished"):
            with pytest.raises(ValueError, match="cannot become"):
                run.state(wrong)
    assert run.current_state == "done"


def test_the_log_holds_parameters_states_and_every_line_with_its_time(tmp_path):
    with begin(tmp_path) as run:
        run.log("Name of the selected graph: g.pb\nEpoch 1/3 started")
        run.state("trained")
    lines = run.path("train.log").read_text().splitlines()
    times, texts = zip(*(line.split(" ", 1) for line in lines), strict=True)
    assert all(len(time) == 20 and time.endswith("Z") for time in times)
    assert "parameter epochs = 3 (flag)" in texts
    assert texts[-4:] == (
        "Name of the selected graph: g.pb",
        "Epoch 1/3 started",
        "state: trained",
        "state: done",
    )


def test_lines_of_json_know_no_nan(tmp_path):
    with begin(tmp_path) as run:
        for loss in (1.5, float("nan"), float("inf")):
            run.append_jsonl("epochs.jsonl", {"loss": loss, "text": "ä"})
    lines = [json.loads(line) for line in run.path("epochs.jsonl").read_bytes().splitlines()]
    assert [line["loss"] for line in lines] == [1.5, None, None]


def test_after_the_end_nothing_can_be_written(tmp_path):
    with begin(tmp_path) as run:
        run.finish()
        for write in (lambda: run.log("x"), lambda: run.write_json("x", 1), lambda: run.append_jsonl("y", 1)):
            with pytest.raises(ValueError, match="over"):
                write()
        run.finish()
    assert read_run(run.final_path).state == "done"


@pytest.mark.parametrize(
    ("problem", "state", "code"),
    [
        (TrainingError("the engine ran out of memory", hint="give more"), "failed", "training_failed"),
        (KeyboardInterrupt(), "interrupted", "interrupted"),
        (Interrupted("stopped"), "interrupted", "interrupted"),
        (SystemExit(1), "interrupted", "interrupted"),
        (KeyError(WORDS), "failed", "internal_error"),
    ],
)
def test_a_run_that_does_not_end_well_is_kept_and_says_why_without_text(tmp_path, problem, state, code):
    with pytest.raises(type(problem)), begin(tmp_path / "runs") as run:  # noqa: PT012 - it is about the block
        run.append_jsonl("selection.jsonl", {"task_id": 1})
        run.state("selected")
        raise problem
    info = read_run(run.final_path)
    assert (info.state, info.is_over) == (state, True)
    assert info.error is not None
    assert info.error["code"] == code
    assert list((tmp_path / "runs").iterdir()) == [run.final_path]
    written = "".join(file.read_text() for file in run.final_path.iterdir())
    assert f"[{code}]" in written
    assert WORDS not in written
    assert not (run.final_path / "lock").exists()


def test_runs_of_one_moment_get_different_names(tmp_path):
    def make(_):
        with begin(tmp_path) as run:
            return run.final_path

    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(make, range(24)))
    assert len(set(paths)) == 24
    assert {info.path for info in list_runs(tmp_path)} == set(paths)
    assert {info.state for info in list_runs(tmp_path)} == {"done"}


def test_a_run_under_way_is_seen_with_its_process(tmp_path):
    with begin(tmp_path) as run:
        run.state("prepared")
        (info,) = list_runs(tmp_path)
        assert (info.state, info.reached, info.is_over, info.pid) == (
            "prepared",
            "prepared",
            False,
            os.getpid(),
        )
        assert info.name == run.final_path.name


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run_never_looks_done(tmp_path, how):
    with in_a_process(
        START
        + """
    with started as run:
        run.state("trained")
        run.write_json("metrics.json", {"ner": {"split": "test"}})
        print("ready", flush=True)
        time.sleep(60)
    """,
        tmp_path,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        assert [run.state for run in list_runs(tmp_path)] == ["trained"]
        process.send_signal(how)
        process.wait(20)
        (run,) = list_runs(tmp_path)
        assert (run.state, run.reached, run.is_over, run.pid) == (DEAD, "trained", True, None)
        assert not (tmp_path / run.name).exists()


def test_a_run_killed_after_it_wrote_done_is_not_done(tmp_path):
    with in_a_process(
        START
        + """
    import os, signal
    with started as run:
        Path.rename = lambda *a: os.kill(os.getpid(), signal.SIGKILL)
        run.finish()
    """,
        tmp_path,
    ) as process:
        process.wait(20)
    (info,) = list_runs(tmp_path)
    assert (info.state, info.reached) == (DEAD, "done")


def test_a_run_on_another_host_is_not_called_dead(tmp_path):
    with begin(tmp_path) as run:
        run.path("lock").write_text(json.dumps({"pid": 1, "host": "elsewhere.invalid"}))
        (info,) = list_runs(tmp_path)
        assert (info.state, info.host) == ("created", "elsewhere.invalid")


@pytest.mark.parametrize(
    "step",
    [
        "run.write_json('metrics.json', 'x' * 9000)",
        "run.append_jsonl('epochs.jsonl', 'x' * 9000)",
        "[run.append_jsonl('epochs.jsonl', 'x' * 100) for _ in range(100)]",
        "[run.log('x' * 100) for _ in range(100)]",
    ],
)
def test_a_full_disk_is_said_and_nothing_half_written_is_left(tmp_path, step):
    code = (
        START
        + f"""
    import resource
    from alabtrain.core.errors import SetupError
    try:
        with started as run:
            run.write_json("metrics.json", {{"before": 1}})
            run.append_jsonl("epochs.jsonl", {{"before": 1}})
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
            {step}
    except SetupError as problem:
        print(problem.code, problem.exit_code, problem)
    """
    )
    with in_a_process(code, tmp_path) as process:
        out, err = process.communicate(timeout=20)
    assert out.startswith("disk_full 4 "), err
    (info,) = list_runs(tmp_path)
    assert info.state == "failed" if "log" not in step else info.state in ("failed", DEAD)
    assert json.loads((info.path / "metrics.json").read_bytes()) == {"before": 1}
    for line in (info.path / "epochs.jsonl").read_bytes().splitlines():
        json.loads(line)
    assert (info.path / "train.log").read_bytes().endswith(b"\n")
    assert not list(info.path.glob(".*.tmp"))


def test_a_folder_that_cannot_be_made_is_an_error_of_the_machine(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="cannot be written"), begin(tmp_path / "file" / "runs"):
        pass


def test_a_file_that_cannot_be_written_is_as_before(tmp_path):
    path = tmp_path / "file"
    write_aside(path, b"old")
    with pytest.raises(SetupError):
        write_aside(tmp_path / "none" / "file", b"new")
    assert path.read_bytes() == b"old"
    lines = LineFile(path)
    lines.append("new")
    lines.close()
    assert path.read_bytes() == b"oldnew\n"


def test_reading_says_what_is_no_run(tmp_path):
    with pytest.raises(UsageError, match="no such run folder"):
        read_run(tmp_path / "none")
    with pytest.raises(InputError, match=r"not a run \(it has no run\.json\)"):
        read_run(tmp_path)
    assert list_runs(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("run.json", "{", "not valid JSON"),
        ("run.json", "[]", "expected a JSON object"),
        ("run.json", '{"state": "perfect"}', "unknown state of a run"),
        ("run.json", '{"state": "done", "inputs": 3}', "/inputs: expected an object"),
        ("run.json", '{"state": "done", "started": 3}', "/started: expected a text"),
        ("run.json", '{"state": "done", "types": "ner"}', "/types: expected a list of types"),
        ("run.json", '{"state": "done", "types": ["ner", "../../elsewhere"]}', "/types: expected a list of types"),
        ("run.json", '{"state": "done", "types": [{"ner": 1}]}', "/types: expected a list of types"),
        ("models.json", "{}", "expected a JSON array"),
    ],
)
def test_a_broken_run_is_an_error_that_names_the_file(tmp_path, name, text, message):
    with begin(tmp_path) as run:
        pass
    (run.final_path / name).write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_run(run.final_path)
    assert name in str(caught.value)


def test_runs_are_listed_newest_first_with_f1_and_models(tmp_path):
    for day, f1 in (("2031-01-02", 0.5), ("2031-01-03", None)):
        with begin(tmp_path) as run:
            run.write_json("metrics.json", {"ner": {"entity": {"micro": {"f1": f1}}} if f1 else {"split": None}})
            run.write_json("models.json", [{"type": "ner", "name": "m", "path": "model", "labels": ["Drug"]}])
        record = json.loads(run.path("run.json").read_bytes())
        run.path("run.json").write_text(json.dumps({**record, "started": f"{day}T00:00:00Z"}))
    runs = list_runs(tmp_path)
    assert [run.f1 for run in runs] == [None, 0.5]
    assert runs[0].model_paths == (runs[0].path / "model",)
    assert runs[0].to_dict()["models"][0]["name"] == "m"


def test_a_path_with_a_broken_character_can_be_written(tmp_path):
    with begin(tmp_path, inputs={"p\udcff.zip": "ab"}) as run:
        run.write_text("note.txt", "p\udcff.zip")
    assert (run.final_path / "note.txt").read_bytes() == b"p\\udcff.zip"
    assert list(read_run(run.final_path).inputs) == ["p\udcff.zip"]


def test_a_run_of_several_types_is_mixed_and_has_no_single_f1(tmp_path):
    with begin(tmp_path, ("ner", "assertion", "classification")) as run:
        run.write_json(
            "metrics.json",
            {
                "ner": {"split": "test", "entity": {"micro": {"f1": 0.83}, "macro": {"f1": 0.7}}},
                "assertion": {"split": "test", "mode": "single", "micro": {"f1": 0.95}, "macro": {"f1": 0.88}},
                "classification": {"split": None},
            },
        )
        run.write_json("models.json", [{"type": "assertion", "name": "a", "path": "assertion/model", "labels": []}])
    info = read_run(run.final_path)
    assert run.final_path.name.endswith("Z-mixed")
    assert (info.type, info.types, info.is_mixed) == ("mixed", ("ner", "assertion", "classification"), True)
    assert info.f1 is None
    assert info.f1s == {"ner": 0.83, "assertion": 0.88}
    assert info.folder_of("assertion") == run.final_path / "assertion"
    assert info.model_paths == (run.final_path / "assertion/model",)
    told = info.to_dict()
    assert (told["f1"], told["f1s"], told["types"]) == (None, dict(info.f1s), list(info.types))


def test_a_record_of_before_there_were_types_has_one(tmp_path):
    with begin(tmp_path) as run:
        run.write_json("metrics.json", {"ner": {"entity": {"micro": {"f1": 0.5}}}})
    record = json.loads(run.path("run.json").read_bytes())
    del record["types"]
    run.path("run.json").write_text(json.dumps(record))
    info = read_run(run.final_path)
    assert (info.types, info.is_mixed, info.f1, info.f1s) == (("ner",), False, 0.5, {"ner": 0.5})
    assert info.folder_of("ner") == run.final_path


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"entity": {"micro": {"f1": 0.4}, "macro": {"f1": 0.3}}}, ("micro", 0.4)),
        ({"mode": "single", "micro": {"f1": 0.9}, "macro": {"f1": 0.6}}, ("macro", 0.6)),
        ({"mode": "multiple", "micro": {"f1": 0.9}, "macro": {"f1": 0.6}}, ("micro", 0.9)),
        ({"split": None}, ("macro", None)),
        ({"entity": 3}, ("micro", None)),
        ({"mode": "single", "macro": {"f1": "high"}}, ("macro", None)),
        (None, ("macro", None)),
    ],
)
def test_one_f1_stands_for_a_type(scores, expected):
    assert headline(scores) == expected


def test_a_run_is_found_by_the_name_it_has_and_by_the_one_it_had(tmp_path, monkeypatch):
    with begin(tmp_path) as run:
        aside = run.path("")
        assert find_run(run.final_path) == find_run(aside) == tmp_path / aside.name
    assert find_run(run.final_path) == find_run(aside) == run.final_path
    monkeypatch.chdir(run.final_path)
    assert find_run(Path()) == Path()
    with pytest.raises(UsageError, match="no such run folder"):
        find_run(tmp_path / "none")
    with pytest.raises(InputError, match="no run"):
        find_run(tmp_path)
