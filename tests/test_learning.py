from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from alabtrain.trainers.learning import epochs_for, learning_findings


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
