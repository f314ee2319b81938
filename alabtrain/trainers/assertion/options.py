"""How an assertion model learns."""

from __future__ import annotations

from dataclasses import dataclass

from alabtrain.core.options import option
from alabtrain.trainers.nerdl.options import TaggerOptions


@dataclass(frozen=True, slots=True)
class AssertionOptions(TaggerOptions):
    """How an assertion model is trained; the defaults are measured (benchmarks/README.md).

    The members of the ensemble are trained from different seeds; the status is that with the highest mean score.
    """

    epochs: int = option(10, "Passes over the training set.", at_least=1, at_most=1000)
    members: int = option(3, "Networks in the ensemble.", at_least=1, at_most=20)
    unlabeled_status: str | None = option(
        None, "Status of NER regions that have none.", metavar="NAME", default_text="such regions are left out"
    )
