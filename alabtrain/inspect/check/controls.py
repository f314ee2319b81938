"""Checks of what the annotations belong to: controls that no model is trained on."""

from __future__ import annotations

from collections.abc import Callable

from alabtrain.core.findings import Finding
from alabtrain.trainers.profile import Profile


def not_trained_on(profile: Profile) -> list[Finding]:
    """Report annotations of controls that no model is trained on (ratings, relations, …), by control."""
    return profile.items.findings()


CHECKS: tuple[Callable[[Profile], list[Finding]], ...] = (not_trained_on,)
