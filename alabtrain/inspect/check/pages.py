"""Checks of boxes on pages: which cannot be trained on, which words cannot be read, why a training would be poor."""

from __future__ import annotations

import math
import os
from dataclasses import replace

from alabtrain.annotations.boxes import box_findings
from alabtrain.core.errors import SetupError
from alabtrain.core.findings import Finding, pluralize
from alabtrain.core.languages.registry import ENGLISH
from alabtrain.inspect.check import words
from alabtrain.inspect.check.profile import PageCounts, Profile
from alabtrain.pages.findings import picture_findings
from alabtrain.pages.ocr.tesseract import find_tesseract
from alabtrain.spark.session import default_memory_gib
from alabtrain.trainers.learning import epochs_for
from alabtrain.trainers.visual_ner.trainer import MOST_EPOCHS, STEPS, VisualNerOptions

FEW_PAGES = 30  # with boxes, for training
MANY_EMPTY = 0.2  # of the pages
NUMBERS = 1024  # of a word's vector with its layout
SECONDS = 0.0018  # of one core for a word in an epoch, measured on FUNSD (benchmarks/README.md)
LONG = 2 * 3600  # seconds
WORDS = 200  # on a page that is still to be read: a guess, between an invoice and a letter
FEW_STEPS = 150
ODD = 10  # times the usual learning rate, or a part of it
SAFE_SHARE = 0.7


def boxes(profile: Profile) -> list[Finding]:
    """Report what is wrong with boxes; unknown labels are told by name elsewhere, with the spelling of the config."""
    return [finding for finding in box_findings(profile.page_tally) if finding.code != "unknown_box_label"]


def few_pages(profile: Profile) -> list[Finding]:
    """Report too few pages with boxes to learn from."""
    counts = profile.pages
    if not counts.all or counts.boxed >= FEW_PAGES:
        return []
    message = pluralize("only {count} training [page has|pages have] boxes", counts.boxed)
    hint = f"visual NER learns from {FEW_PAGES} pages or more: annotate others, of the kinds that will come"
    return [Finding("few_pages", "warning", message, counts.boxed, (), hint)]


def pages_without_boxes(profile: Profile) -> list[Finding]:
    """Report many pages on which nothing is drawn: each teaches that there is nothing to find."""
    counts = profile.pages
    empty = counts.all - counts.boxed
    if not empty or empty < MANY_EMPTY * counts.all:
        return []
    message = pluralize(f"{{count}} of {counts.all:,} training pages [has|have] no box", empty)
    hint = (
        "each of them teaches that nothing is there; reject what was submitted unfinished, or leave it out with --tags"
    )
    return [Finding("pages_without_boxes", "warning", message, empty, (), hint)]


def pages_without_words(profile: Profile) -> list[Finding]:
    """Report pages that have to be read by OCR, and whether there is an engine for it."""
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
    """Report pictures that cannot be had or read; those that are cut off in their middle are met in training only."""
    return picture_findings(profile.picture_tally)


def parameters(profile: Profile) -> list[Finding]:
    """Report parameters with which little would be learned."""
    counts, own = _with_guesses(profile), profile.visual
    if not counts.words:
        return []
    found, usual = [], VisualNerOptions()
    epochs = own.epochs or epochs_for(counts.windows, own.batch_size, steps=STEPS, most=MOST_EPOCHS)
    steps = epochs * math.ceil(counts.windows / own.batch_size)
    if steps < FEW_STEPS and (own.epochs, own.batch_size) != (usual.epochs, usual.batch_size):
        message = f"{epochs} epochs of {counts.windows:,} windows in batches of {own.batch_size} are {steps:,} steps"
        hint = f"too few to learn from: the defaults aim at {STEPS:,}; give more --epochs, or a smaller --batch-size"
        found.append(Finding("few_steps", "warning", message, steps, (), hint))
    if not usual.learning_rate / ODD <= own.learning_rate <= usual.learning_rate * ODD:
        message = f"a learning rate of {own.learning_rate:g}, where {usual.learning_rate:g} was measured to be good"
        found.append(Finding("odd_learning_rate", "warning", message, 1, (), "leave --learning-rate out"))
    return found


def machine(profile: Profile) -> list[Finding]:
    """Estimate the memory and the time that a training takes."""
    counts = _with_guesses(profile)
    if not counts.words:
        return []
    needed, given = counts.words * (4 * NUMBERS + 1000), default_memory_gib()
    cores = os.cpu_count() or 1
    seconds = _seconds(counts, profile.visual) / cores
    minutes = max(1, round(seconds / 60))
    told = f"training visual NER on {counts.words:,} words keeps about {words.size(needed)} in memory, of {given} GiB"
    told += f", and takes about {minutes:,} min on {cores} cores"
    if counts.wordless:
        told += f" (with {WORDS:,} words on each page that OCR reads)"
    if needed < SAFE_SHARE * given * 2**30 and seconds < LONG:
        return [Finding("machine", "info", told, 1)]
    hint = "take fewer --members or --epochs, part of the tasks with --tags, or a bigger machine"
    return [Finding("machine", "warning", told, 1, (), hint)]


def _with_guesses(profile: Profile) -> PageCounts:
    """Return the counts of pages with words on the pages that OCR is still to read."""
    counts = profile.pages
    more = counts.wordless * WORDS
    windows = counts.wordless * math.ceil(WORDS / profile.visual.window)
    return replace(counts, words=counts.words + more, windows=counts.windows + windows)


def _seconds(counts: PageCounts, own: VisualNerOptions) -> float:
    epochs = own.epochs or epochs_for(counts.windows, own.batch_size, steps=STEPS, most=MOST_EPOCHS)
    return counts.words * epochs * (own.members + own.layout_members) * SECONDS


CHECKS = (boxes, few_pages, pages_without_boxes, pages_without_words, pictures, parameters, machine)
