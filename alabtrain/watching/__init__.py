"""Active learning: train again when enough completions were submitted since the last training."""
