"""Checks of pages: unusable boxes, unreadable images, and parameters with which a training would be poor."""

from __future__ import annotations

import math
import os
from collections import Counter
from dataclasses import replace

from alabtrain.annotations.boxes import box_findings
from alabtrain.core.errors import SetupError
from alabtrain.core.findings import Finding, pluralize
from alabtrain.core.languages.registry import ENGLISH
from alabtrain.core.numbers import size
from alabtrain.pages.findings import picture_findings
from alabtrain.pages.ocr.tesseract import find_tesseract
from alabtrain.spark.session import default_memory_gib
from alabtrain.trainers.learning import epochs_for
from alabtrain.trainers.nerdl.checks import too_many_tags
from alabtrain.trainers.profile import PageCounts, Profile
from alabtrain.trainers.visual_ner.options import MOST_EPOCHS, STEPS, VISUAL_NER, VisualNerOptions

FEW_PAGES = 30  # with boxes, for training
MANY_EMPTY = 0.2  # of the pages
NUMBERS = 1024  # of a word's vector with its layout
SECONDS = 0.0018  # of one core for a word in an epoch, measured on FUNSD (benchmarks/README.md)
LONG = 2 * 3600  # seconds
WORDS = 200  # estimated words on a page before OCR, between an invoice and a letter
FEW_STEPS = 150
ODD = 10  # times the usual learning rate, or a part of it
SAFE_SHARE = 0.7


def boxes(profile: Profile) -> list[Finding]:
    """Report problems of boxes; unknown labels are reported by name in `labels.py`."""
    return [finding for finding in box_findings(profile.page_tally) if finding.code != "unknown_box_label"]


def few_pages(profile: Profile) -> list[Finding]:
    """Report too few pages with boxes to learn from."""
    counts = profile.pages
    if not counts.all or counts.boxed >= FEW_PAGES:
        return []
    message = pluralize("only {count} training [page has|pages have] boxes", counts.boxed)
    hint = f"visual NER needs {FEW_PAGES} pages or more: annotate more, like those that the model will read later"
    return [Finding("few_pages", "warning", message, counts.boxed, (), hint)]


def pages_without_boxes(profile: Profile) -> list[Finding]:
    """Report many pages without boxes: from each, the model learns that there is nothing to find."""
    counts = profile.pages
    empty = counts.all - counts.boxed
    if not empty or empty < MANY_EMPTY * counts.all:
        return []
    message = pluralize(f"{{count}} of {counts.all:,} training pages [has|have] no box", empty)
    hint = "they teach the model to find nothing; reject unfinished completions, or exclude them with --tags"
    return [Finding("pages_without_boxes", "warning", message, empty, (), hint)]


def pages_without_words(profile: Profile) -> list[Finding]:
    """Report pages that need OCR, and whether an engine is installed."""
    count = profile.pages.wordless
    if not count:
        return []
    message = pluralize("{count} training [page has|pages have] no words and [is|are] read by OCR", count)
    try:
        find_tesseract(ENGLISH)
    except SetupError as problem:
        return [
            Finding(
                "pages_without_words", "warning", f"{message}, but {problem.message}", count, (), problem.hint or ""
            )
        ]
    return [Finding("pages_without_words", "info", message, count)]


def pictures(profile: Profile) -> list[Finding]:
    """Report unavailable or unreadable images; truncated ones are only detected in training."""
    return picture_findings(profile.picture_tally)


def parameters(profile: Profile) -> list[Finding]:
    """Report parameters with which a model would learn little."""
    counts, own = _with_guesses(profile), _options(profile)
    if not counts.words:
        return []
    windows = counts.windows(own.window)
    found, usual = [], VisualNerOptions()
    epochs = own.epochs or epochs_for(windows, own.batch_size, steps=STEPS, most=MOST_EPOCHS)
    steps = epochs * math.ceil(windows / own.batch_size)
    if steps < FEW_STEPS and (own.epochs, own.batch_size) != (usual.epochs, usual.batch_size):
        message = f"{epochs} epochs of {windows:,} windows in batches of {own.batch_size} are {steps:,} steps"
        hint = f"that is too few: the defaults aim at {STEPS:,}; use more --epochs, or a smaller --batch-size"
        found.append(Finding("few_steps", "warning", message, steps, (), hint))
    if not usual.learning_rate / ODD <= own.learning_rate <= usual.learning_rate * ODD:
        message = f"the learning rate is {own.learning_rate:g}, but {usual.learning_rate:g} worked well in benchmarks"
        found.append(Finding("odd_learning_rate", "warning", message, 1, (), "leave out --learning-rate"))
    return found


def machine(profile: Profile) -> list[Finding]:
    """Estimate memory and time of a training."""
    counts = _with_guesses(profile)
    if not counts.words:
        return []
    needed, given = counts.words * (4 * NUMBERS + 1000), default_memory_gib()
    cores = os.cpu_count() or 1
    seconds = _seconds(counts, _options(profile)) / cores
    minutes = max(1, round(seconds / 60))
    message = f"training visual NER on {counts.words:,} words keeps about {size(needed)} in memory, of {given} GiB"
    message += f", and takes about {minutes:,} min on {cores} cores"
    if counts.wordless:
        message += f" (assuming {WORDS:,} words on each page that OCR reads)"
    if needed < SAFE_SHARE * given * 2**30 and seconds < LONG:
        return [Finding("machine", "info", message, 1)]
    hint = "use fewer --members or --epochs, part of the tasks with --tags, or a larger machine"
    return [Finding("machine", "warning", message, 1, (), hint)]


def _with_guesses(profile: Profile) -> PageCounts:
    """Return the counts with estimates for the pages that need OCR."""
    counts = profile.pages
    sizes = counts.sizes + Counter({WORDS: counts.wordless})
    return replace(counts, sizes=sizes)


def _seconds(counts: PageCounts, own: VisualNerOptions) -> float:
    epochs = own.epochs or epochs_for(counts.windows(own.window), own.batch_size, steps=STEPS, most=MOST_EPOCHS)
    return counts.words * epochs * (own.members + own.layout_members) * SECONDS


def _options(profile: Profile) -> VisualNerOptions:
    own = profile.learning.get(VISUAL_NER)
    return own if isinstance(own, VisualNerOptions) else VisualNerOptions()


def too_many_labels(profile: Profile) -> list[Finding]:
    """Report more labels than the largest TensorFlow graph of NerDL supports."""
    return too_many_tags(profile, VISUAL_NER, "labels of boxes")


CHECKS = {
    "labels": (boxes, few_pages, pages_without_boxes, pages_without_words, pictures, parameters, machine),
    "engine": (too_many_labels,),
}
