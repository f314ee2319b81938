"""The default names of models."""

from __future__ import annotations


def project_name(project: str) -> str:
    """Return the name of a project (or of its Choices) reduced to lower-case letters, digits and underscores."""
    return "".join(char if char.isalnum() else "_" for char in project.lower()).strip("_") or "project"
