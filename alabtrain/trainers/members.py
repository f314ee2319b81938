"""Ensemble members: each has its own seed, and their epochs are counted as those of one training."""

from __future__ import annotations

from dataclasses import replace

from alabtrain.core.events import Epoch, Event, Sink

STRIDE_OF_SEEDS = 7919  # so that runs with successive seeds have no member with the same seed


def seed_of(seed: int, number: int) -> int:
    """Return the seed of the member with index `number`."""
    return (seed + number * STRIDE_OF_SEEDS) % 2**31


def counting_on(sink: Sink, number: int, members: int) -> Sink:
    """Return a sink that counts the epochs of all members as those of one training."""

    def hear(event: Event) -> None:
        if isinstance(event, Epoch):
            event = replace(event, epoch=number * event.epochs + event.epoch, epochs=members * event.epochs)
        sink(event)

    return hear
