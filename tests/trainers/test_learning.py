from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from alabtrain.trainers.learning import epochs_for, fallen, learning_findings
from alabtrain.trainers.nerdl.training import Fitted


@given(st.integers(1, 100_000), st.integers(1, 1024))
def test_small_projects_are_read_more_often_but_not_for_ever(examples: int, batch_size: int) -> None:
    epochs = epochs_for(examples, batch_size, steps=900, most=50)
    assert 1 <= epochs <= 50
    steps = epochs * math.ceil(examples / batch_size)
    assert steps >= 900 or epochs == 50


def test_a_loss_that_does_not_move_is_told() -> None:
    assert [f.code for f in learning_findings("classification", [44.1, 44.1, 44.09])] == ["flat_loss"]
    assert [f.code for f in learning_findings("classification", [3.0, float("nan")])] == ["loss_not_a_number"]
    assert learning_findings("classification", [45.6, 44.2, 44.1]) == []
    assert learning_findings("classification", [45.6]) == []


def test_a_last_epoch_that_is_far_below_the_best_is_told() -> None:
    (finding,) = fallen("ner", [0.6, 0.871, 0.8, 0.764])
    assert finding.code == "last_epoch_fell"
    assert "0.764; the validation F1 of epoch 2 is 0.871" in finding.message
    assert "--best-model" in finding.hint
    assert fallen("ner", [0.6, 0.8, 0.76]) == []
    assert fallen("ner", []) == []
    assert Fitted(None, True, [0.8, 0.2]).findings("ner")
    assert not Fitted(None, False, [0.8, 0.2]).findings("ner")
