"""Checks against the limits of Spark NLP: tags and characters of its graphs, long sentences, memory."""

from __future__ import annotations

from alabtrain.core.findings import Finding
from alabtrain.core.languages.registry import ENGLISH, languages
from alabtrain.embeddings.registry import encoders
from alabtrain.inspect.check import words
from alabtrain.inspect.check.profile import Profile
from alabtrain.inspect.check.texts import LONGEST
from alabtrain.spark.session import default_memory_gib
from alabtrain.trainers.nerdl.limits import MOST_CHARACTERS, MOST_TAGS

SAFE_SHARE = 0.7


def too_many_tags(profile: Profile) -> list[Finding]:
    """Report more labels than the largest TensorFlow graph of NerDL supports."""
    found = []
    for model_type, name in (("ner", "NER labels"), ("visual_ner", "labels of boxes")):
        labels = sum(1 for by_part in profile.examples.get(model_type, {}).values() if by_part["train"])
        tags = 2 * labels + 1
        if model_type in profile.types and tags > MOST_TAGS:
            message = f"{labels} {name} need {tags} tags, but the largest TensorFlow graph has {MOST_TAGS}"
            hint = f"a model can have {(MOST_TAGS - 1) // 2} labels: remove some from the config, or merge some"
            found.append(Finding("too_many_tags", "error", message, labels, (), hint))
    return found


def too_many_characters(profile: Profile) -> list[Finding]:
    """Report more distinct characters than the largest TensorFlow graph of NerDL supports."""
    characters = sum(1 for char in profile.training.characters if not char.isspace())
    if "ner" not in profile.types or characters <= MOST_CHARACTERS:
        return []
    message = f"{characters} distinct characters, but the largest TensorFlow graph has {MOST_CHARACTERS}"
    hint = "are the texts in several scripts? train on one language with --tags, or replace rare characters"
    return [Finding("too_many_characters", "error", message, characters, (), hint)]


def long_sentences(profile: Profile) -> list[Finding]:
    """Report sentences that are too long for an encoder."""
    message = (
        f"{{count}} [sentence is|sentences are] probably longer than the limit of {LONGEST} word pieces of embeddings"
    )
    hint = "tokens beyond the limit cannot be tagged; do the texts lack line ends or full stops?"
    finding = profile.tally.finding("long_sentence", "warning", message, hint)
    return [finding] if finding else []


def memory(profile: Profile) -> list[Finding]:
    """Estimate the memory of the driver for all training vectors of NerDL (with the encoder for English)."""
    if "ner" not in profile.types or not profile.training.tokens:
        return []
    # An estimate: the vector of a token as floats, and about a kilobyte of annotation around it.
    needed = profile.training.tokens * (4 * encoders()[languages()[ENGLISH].embeddings].dimension + 1000)
    given = default_memory_gib()
    message = f"training NER keeps about {words.size(needed)} for {profile.training.tokens:,} tokens in memory"
    if needed < SAFE_SHARE * given * 2**30:
        return [Finding("memory", "info", f"{message}; the driver has {given} GiB", 1)]
    hint = "increase --driver-memory, train on part of the tasks with --tags, or use a larger machine"
    return [Finding("memory", "warning", f"{message}, but the driver has {given} GiB", 1, (), hint)]


CHECKS = (too_many_tags, too_many_characters, long_sentences, memory)
