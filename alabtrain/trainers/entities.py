"""What the types whose models find entities share, in texts and on pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alabtrain.trainers.model_type import ModelType, NamedModel

if TYPE_CHECKING:
    from pyspark.ml import Transformer

    from alabtrain.documents.document import Document
    from alabtrain.documents.tagging import Sentence
    from alabtrain.trainers.judging import Judged
    from alabtrain.trainers.predictions import Found


class EntityType(ModelType):
    """A type whose models tag tokens, and give the entities as chunks."""

    def output(self, own: list[Transformer]) -> str:
        """Return the column of chunks; a tagger alone gets a stage that converts its tags."""
        from alabtrain.trainers.nerdl.saved import chunk_column

        return chunk_column(own)

    def judge(
        self,
        model: NamedModel,
        labels: Sequence[str],
        documents: Sequence[Document],
        found: Sequence[Sequence[Found]],
        sentences: Sequence[Sentence],
    ) -> Judged:
        """Compare entities, on the labels that the config names for the model."""
        from alabtrain.trainers.judging import judge_spans

        return judge_spans(documents, found, sentences, [label.name for label in model.labels], model.shown)
