"""Run folders as trainings of every type leave them, made without a training."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alabtrain.runs.run import Run, create_run
from alabtrain.scoring.metrics import span_scores

LABELS = {
    "ner": ("Problem", "Treatment", "Test"),
    "assertion": ("Absent", "Past", "Present"),
    "classification": ("Emergency", "Routine", "Urgent"),
}
NAMES = {
    "ner": "ner_clinic_annotation_manual",
    "assertion": "assertion_jsl_annotation_manual",
    "classification": "classification_urgency_annotation_manual",
}
STAGES = (
    ("selection", "tasks", 211, {"no_completion": 1, "not_submitted": 1, "rejected": 1}),
    ("selection", "completions", 452, {"lower_priority": 125, "rejected": 45, "other_accepted": 74}),
    ("read text", "tasks", 208, {}),
    ("place in text", "spans", 1472, {"overlap": 3}),
    ("read choices", "choices", 206, {"several_choices": 2}),
    ("pair statuses", "statuses", 1469, {"status_without_span": 4}),
    ("embed", "tokens", 7100, {}),
)
ANNOTATORS = ("ann", "bob", "cid")
NERDL = {"epochs": (12, "alabtrain.yaml"), "dropout": (0, "flag"), "best_model": (True, "default")}
TRAINER: dict[str, dict[str, tuple[Any, str]]] = {
    "ner": NERDL,
    "assertion": NERDL,
    "classification": {"epochs": (12, "alabtrain.yaml"), "threshold": (None, "default")},
}
"""Parameters of each type, with their values and where those came from."""
UNTRAINED = {
    "type": "classification",
    "code": "nothing_to_train",
    "message": "the training part has only 'Routine' of the Choices 'urgency', but a classifier needs two",
    "hint": "`alabtrain check` counts the classes; --choices NAME selects another group",
}


def scored(confusion: Mapping[str, Mapping[str, int]], split: str = "test") -> dict[str, Any]:
    """Return the entry of `metrics.json` for single classes with these counts."""
    said = {gold: sum(row.values()) for gold, row in confusion.items()}
    found = {name: sum(row.get(name, 0) for row in confusion.values()) for name in confusion}
    labels = {n: _prf(confusion[n].get(n, 0), found[n], said[n]) for n in confusion}
    right, whole = sum(row.get(n, 0) for n, row in confusion.items()), sum(said.values())
    return {
        "split": split,
        "mode": "single",
        "accuracy": round(right / whole, 6),
        "micro": _prf(right, whole, whole),
        "macro": _mean(labels.values()),
        "labels": labels,
        "confusion": confusion,
        "never_right": [n for n in confusion if said[n] and not confusion[n].get(n, 0)],
    }


def scored_multiple(counts: Mapping[str, tuple[int, int, int, int]], split: str = "test") -> dict[str, Any]:
    """Return the entry of `metrics.json` for any number of classes, from tp, fp, fn and tn of each."""
    labels = {n: _prf(tp, tp + fp, tp + fn) for n, (tp, fp, fn, _tn) in counts.items()}
    tp, fp, fn, tn = (sum(four[i] for four in counts.values()) for i in range(4))
    return {
        "split": split,
        "mode": "multiple",
        "accuracy": 0.4525,
        "subset_accuracy": 0.4525,
        "hamming_loss": round((fp + fn) / (tp + fp + fn + tn), 6),
        "threshold": 0.35,
        "micro": _prf(tp, tp + fp, tp + fn),
        "macro": _mean(labels.values()),
        "labels": labels,
        "confusion": {n: dict(zip(("tp", "fp", "fn", "tn"), four, strict=True)) for n, four in counts.items()},
        "never_right": [n for n, four in counts.items() if not four[0]],
    }


def scores_of(kind: str, split: str = "test") -> dict[str, Any]:
    """Return made scores of a type."""
    if kind == "assertion":
        return scored(
            {
                "Absent": {"Absent": 141, "Past": 2, "Present": 9},
                "Past": {"Absent": 3, "Past": 52, "Present": 11},
                "Present": {"Absent": 12, "Past": 8, "Present": 540},
            },
            split,
        )
    if kind == "classification":
        return scored(
            {
                "Emergency": {"Emergency": 0, "Routine": 3, "Urgent": 5},
                "Routine": {"Emergency": 0, "Routine": 19, "Urgent": 1},
                "Urgent": {"Emergency": 0, "Routine": 2, "Urgent": 10, "none": 0},
            },
            split,
        )
    chance = random.Random(1)  # noqa: S311 - invented tags
    gold = [[chance.choice(("O", "O", "B-Problem", "B-Treatment", "B-Test")) for _ in range(9)] for _ in range(60)]
    said = [[tag if chance.random() < 0.87 else chance.choice(("O", "B-Problem")) for tag in tags] for tags in gold]
    return span_scores(gold, said, split)


def make_run(
    output: Path,
    types: Sequence[str],
    *,
    split: str = "test",
    metrics: Mapping[str, Any] | None = None,
    not_trained: Sequence[Mapping[str, Any]] = (),
    project: str = "/somewhere/clinic.zip",
) -> Path:
    """Make a run that is over, without its pages, and return its path."""
    with begin_run(output, types, project=project) as run:
        fill(run, types, split=split, metrics=metrics, not_trained=not_trained)
    return run.final_path


def begin_run(output: Path, types: Sequence[str], *, project: str = "/somewhere/clinic.zip") -> Any:
    """Return the context of a run under way."""
    parameters: dict[str, tuple[Any, str]] = {
        "project": (project, "flag"),
        "types": (list(types), "flag"),
        "embeddings": ("minilm", "default"),
        "priority": (["ann@example.org", "bob"], "flag"),
        "task_tags": ("/somewhere/tags.csv", "flag"),
    }
    for kind in types:
        of_type = f"{kind}." if len(types) > 1 else ""
        parameters.update({f"{of_type}{name}": given for name, given in TRAINER[kind].items()})
    return create_run(
        output,
        types,
        parameters={name: {"value": value, "from": source} for name, (value, source) in parameters.items()},
        inputs={project: "ab" * 32},
        seed=42,
        versions={"alabtrain": "0", "spark-nlp": "5", "pyspark": "3"},
    )


def fill(
    run: Run,
    types: Sequence[str],
    *,
    split: str = "test",
    metrics: Mapping[str, Any] | None = None,
    not_trained: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write what a training leaves: selection, accounts, logs, epochs, scores, models."""
    mixed = len(types) > 1
    trained = [kind for kind in types if kind not in [entry["type"] for entry in not_trained]]
    for number in range(211):
        taken = number if number > 2 else None
        entry = {"task_id": number, "completion_id": taken, "annotator": ANNOTATORS[number % 3]}
        run.append_jsonl("selection.jsonl", {**entry, "rule": "accepted" if number % 9 == 0 else "priority"})
    stages = [
        {"name": name, "unit": unit, "entered": entered, "lost": lost, "left": entered - sum(lost.values())}
        for name, unit, entered, lost in STAGES
    ]
    run.write_json("funnel.json", {"stages": stages})
    finding = {
        "code": "c",
        "severity": "warning",
        "message": "left out: 4 assertion labels on words that are no NER region",
    }
    run.write_json("findings.json", [{**finding, "count": 4, "examples": ["task 17"], "hint": "mark them too"}])
    for kind in trained:
        folder = f"{kind}/" if mixed else ""
        for epoch in range(1, 13):
            line = {"epoch": epoch, "epochs": 12, "seconds": 4.2, "loss": 90 / epoch, "learning_rate": 0.001}
            now = 1 - 0.6 / epoch
            how_good = {"f1": now if kind == "ner" else None, "accuracy": None if kind == "ner" else now}
            run.append_jsonl(f"{folder}epochs.jsonl", {**line, **how_good})
            run.log(f"Epoch {epoch}/12 of {kind}")
            if mixed:
                run.log(f"Epoch {epoch}/12 of {kind}", name=f"{folder}train.log")
    found = {kind: scores_of(kind, split) for kind in trained}
    run.write_json("metrics.json", {**found, **(metrics or {})})
    models = []
    for kind in trained:
        model: dict[str, Any] = {"type": kind, "name": NAMES[kind], "path": f"{kind}/model" if mixed else "model"}
        models.append({**model, "labels": LABELS[kind], **({"choices": "urgency"} if kind == "classification" else {})})
    run.write_json("models.json", models)
    if not_trained:
        run.write_json("not_trained.json", not_trained)


def _prf(right: float, given: int, wanted: int) -> dict[str, Any]:
    precision, recall = right / given if given else 0.0, right / wanted if wanted else 0.0
    f1 = 2 * right / (given + wanted) if given + wanted else 0.0
    return {"precision": round(precision, 6), "recall": round(recall, 6), "f1": round(f1, 6), "support": wanted}


def _mean(scores: Any) -> dict[str, Any]:
    entries = list(scores)
    keys = ("precision", "recall", "f1")
    mean = {key: round(sum(entry[key] for entry in entries) / len(entries), 6) for key in keys}
    return {**mean, "support": sum(entry["support"] for entry in entries)}
