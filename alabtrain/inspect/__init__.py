"""Inspecting a project without training: check, agreement, explain, show, doctor."""
