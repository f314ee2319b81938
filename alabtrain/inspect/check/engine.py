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
    """Report more labels than the largest TensorFlow graph of NerDL takes."""
    found = []
    for kind, name in (("ner", "NER labels"), ("visual_ner", "labels of boxes")):
        labels = sum(1 for by_part in profile.examples.get(kind, {}).values() if by_part["train"])
        tags = 2 * labels + 1
        if kind in profile.types and tags > MOST_TAGS:
            message = f"{labels} {name} make {tags} tags; no TensorFlow graph takes more than {MOST_TAGS}"
            hint = f"a model can have {(MOST_TAGS - 1) // 2} labels: leave some out of the config, or merge some"
            found.append(Finding("too_many_tags", "error", message, labels, (), hint))
    return found


def too_many_characters(profile: Profile) -> list[Finding]:
    """Report more distinct characters than the largest TensorFlow graph of NerDL takes."""
    characters = sum(1 for char in profile.training.characters if not char.isspace())
    if "ner" not in profile.types or characters <= MOST_CHARACTERS:
        return []
    message = f"{characters} distinct characters; no TensorFlow graph takes more than {MOST_CHARACTERS}"
    hint = "texts in several scripts? train on one language with --tags, or replace rare characters"
    return [Finding("too_many_characters", "error", message, characters, (), hint)]


def long_sentences(profile: Profile) -> list[Finding]:
    """Report sentences that are longer than what an encoder reads."""
    message = (
        f"{{count}} [sentence is|sentences are] probably longer than the {LONGEST} word pieces that embeddings read"
    )
    hint = "tokens beyond cannot be tagged; are line ends or full stops missing from the texts?"
    finding = profile.tally.finding("long_sentence", "warning", message, hint)
    return [finding] if finding else []


def memory(profile: Profile) -> list[Finding]:
    """Estimate what NerDL needs on the driver, where it holds all training vectors (of the encoder for English)."""
    if "ner" not in profile.types or not profile.training.tokens:
        return []
    # A guess: the vector of a token as floats, and about a kilobyte of annotation around it.
    needed = profile.training.tokens * (4 * encoders()[languages()[ENGLISH].embeddings].dimension + 1000)
    given = default_memory_gib()
    told = f"training NER keeps about {words.size(needed)} for {profile.training.tokens:,} tokens in memory"
    if needed < SAFE_SHARE * given * 2**30:
        return [Finding("memory", "info", f"{told}; the driver gets {given} GiB", 1)]
    hint = "give --driver-memory more, train on part of the tasks with --tags, or use a bigger machine"
    return [Finding("memory", "warning", f"{told}, and the driver gets {given} GiB", 1, (), hint)]


CHECKS = (too_many_tags, too_many_characters, long_sentences, memory)
