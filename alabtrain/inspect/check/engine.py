"""Checks against the limits of Spark NLP, for all types; those of one type are in its folder."""

from __future__ import annotations

from alabtrain.core.findings import Finding
from alabtrain.documents.estimate import LONGEST
from alabtrain.trainers.profile import Profile


def long_sentences(profile: Profile) -> list[Finding]:
    """Report sentences that are too long for an encoder."""
    message = (
        f"{{count}} [sentence is|sentences are] probably longer than the limit of {LONGEST} word pieces of embeddings"
    )
    hint = "tokens beyond the limit cannot be tagged; do the texts lack line ends or full stops?"
    finding = profile.tally.finding("long_sentence", "warning", message, hint)
    return [finding] if finding else []


CHECKS = (long_sentences,)
