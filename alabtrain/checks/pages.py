"""Checks of boxes on pages: those that cannot be trained on, and words that cannot be read."""

from __future__ import annotations

from alabtrain.checks.profile import Profile
from alabtrain.findings import Finding
from alabtrain.pages.telling import box_findings


def boxes(profile: Profile) -> list[Finding]:
    """Report what is wrong with boxes; unknown labels are told by name elsewhere, with the spelling of the config."""
    return [finding for finding in box_findings(profile.page_tally) if finding.code != "unknown_box_label"]


CHECKS = (boxes,)
