"""Predictions: loading and applying models, result items, and the comparison with gold annotations."""
