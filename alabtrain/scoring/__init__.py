"""Scores of spans and classes as in `metrics.json`; pure functions on widely used libraries."""
