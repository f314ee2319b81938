from __future__ import annotations

from pathlib import Path

from alabtrain.core.events import Epoch, Event, LogLine
from alabtrain.trainers.engine_log import NerLog

# Lines as NerDL writes them, with a validation set and without.
EPOCH_1 = """Name of the selected graph: blstm_10_384_128_120.pb
Training started - total epochs: 2 - lr: 0.003 - batch size: 32 - labels: 3 - chars: 58 - training examples: 70


Epoch 1/2 started, lr: 0.003, dataset size: 70


Epoch 1/2 - 3.03s - loss: 829.0687 - batches: 5
"""
SCORES_1 = """Quality on test dataset:
time to finish evaluation: 1.46s
label\t tp\t fp\t fn\t prec\t rec\t f1
B-Disease\t 1\t 2\t 3\t 0.3\t 0.2\t 0.25
Macro-average\t prec: 0.3, rec: 0.2, f1: 0.25
Micro-average\t prec: 0.3, rec: 0.2, f1: 0.75
"""
EPOCH_2 = """

Epoch 2/2 started, lr: 0.0029850747, dataset size: 70


Epoch 2/2 - 2.50s - loss: 3.0E-4 - batches: 5
"""


def follow(folder: Path, pieces: list[str], *, validated: bool) -> list[Event]:
    events: list[Event] = []
    follower = NerLog(folder, events.append, validated)
    follower.look()
    for piece in pieces:
        with (folder / "NerDLApproach_1.log").open("a", encoding="utf-8") as log:
            log.write(piece)
        follower.look()
    follower.finish()
    return events


def epochs(events: list[Event]) -> list[Epoch]:
    return [event for event in events if isinstance(event, Epoch)]


def test_epochs_come_as_the_log_grows(tmp_path: Path) -> None:
    events = follow(tmp_path, [EPOCH_1, EPOCH_2], validated=False)
    assert epochs(events) == [
        Epoch(1, 2, 3.03, 829.0687, 0.003, None),
        Epoch(2, 2, 2.5, 0.0003, 0.0029850747, None),
    ]


def test_with_a_validation_set_an_epoch_waits_for_its_scores(tmp_path: Path) -> None:
    events = follow(tmp_path, [EPOCH_1, SCORES_1, EPOCH_2], validated=True)
    assert [epoch.f1 for epoch in epochs(events)] == [0.75, None]


def test_lines_cut_in_the_middle_are_read_once_and_whole(tmp_path: Path) -> None:
    whole = EPOCH_1 + SCORES_1 + EPOCH_2
    events = follow(tmp_path, [whole[i : i + 7] for i in range(0, len(whole), 7)], validated=True)
    assert [event.text for event in events if isinstance(event, LogLine)] == [
        x.strip() for x in whole.splitlines() if x.strip()
    ]
    assert len(epochs(events)) == 2
