"""Assertion status of entities."""
