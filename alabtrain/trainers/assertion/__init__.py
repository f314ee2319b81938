"""Assertion: a status of each entity."""
