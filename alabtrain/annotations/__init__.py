"""Reads a completion: its spans, statuses and classes, and which of them were lost."""
