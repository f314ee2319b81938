"""Models that are trained as members of one: each from a seed of its own, their epochs counted on."""

from __future__ import annotations

from dataclasses import replace

from alabtrain.core.events import Epoch, Event, Sink

STRIDE_OF_SEEDS = 7919  # the members of one run have other seeds than those of a run with the next seed


def seed_of(seed: int, number: int) -> int:
    """Return the seed of the member with a number, from 0 on."""
    return (seed + number * STRIDE_OF_SEEDS) % 2**31


def counting_on(sink: Sink, number: int, members: int) -> Sink:
    """Return a sink that numbers the epochs of all members on, as if they were one training."""

    def hear(event: Event) -> None:
        if isinstance(event, Epoch):
            event = replace(event, epoch=number * event.epochs + event.epoch, epochs=members * event.epochs)
        sink(event)

    return hear
