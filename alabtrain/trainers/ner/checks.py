"""Checks for NER: the limits of NerDL's graphs, memory, texts without entities."""

from __future__ import annotations

from alabtrain.core.findings import Finding
from alabtrain.core.languages.registry import ENGLISH, languages
from alabtrain.core.numbers import size
from alabtrain.embeddings.registry import encoders
from alabtrain.spark.session import default_memory_gib
from alabtrain.trainers.ner.options import NER
from alabtrain.trainers.nerdl.checks import too_many_tags
from alabtrain.trainers.nerdl.limits import MOST_CHARACTERS
from alabtrain.trainers.profile import Profile

SAFE_SHARE = 0.7


def no_negatives(profile: Profile) -> list[Finding]:
    """Report that every training sentence has a span, so the model never sees one without."""
    estimate = profile.training
    if NER not in profile.types or not profile.examples.get(NER) or estimate.without_spans:
        return []
    return [
        Finding(
            "no_negatives",
            "warning",
            "every training sentence has a span, so the model never sees one without",
            estimate.sentences,
            hint="add texts without entities, and submit them without regions",
        )
    ]


def too_many_labels(profile: Profile) -> list[Finding]:
    """Report more labels than the largest TensorFlow graph of NerDL supports."""
    return too_many_tags(profile, NER, "NER labels")


def too_many_characters(profile: Profile) -> list[Finding]:
    """Report more distinct characters than the largest TensorFlow graph of NerDL supports."""
    characters = sum(1 for char in profile.training.characters if not char.isspace())
    if NER not in profile.types or characters <= MOST_CHARACTERS:
        return []
    message = f"{characters} distinct characters, but the largest TensorFlow graph has {MOST_CHARACTERS}"
    hint = "are the texts in several scripts? train on one language with --tags, or replace rare characters"
    return [Finding("too_many_characters", "error", message, characters, (), hint)]


def memory(profile: Profile) -> list[Finding]:
    """Estimate the memory of the driver for all training vectors of NerDL (with the encoder for English)."""
    if NER not in profile.types or not profile.training.tokens:
        return []
    # An estimate: the vector of a token as floats, and about a kilobyte of annotation around it.
    needed = profile.training.tokens * (4 * encoders()[languages()[ENGLISH].embeddings].dimension + 1000)
    given = default_memory_gib()
    message = f"training NER keeps about {size(needed)} for {profile.training.tokens:,} tokens in memory"
    if needed < SAFE_SHARE * given * 2**30:
        return [Finding("memory", "info", f"{message}; the driver has {given} GiB", 1)]
    hint = "increase --driver-memory, train on part of the tasks with --tags, or use a larger machine"
    return [Finding("memory", "warning", f"{message}, but the driver has {given} GiB", 1, (), hint)]


CHECKS = {"labels": (no_negatives,), "engine": (too_many_labels, too_many_characters, memory)}
