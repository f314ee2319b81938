"""Scores as `metrics.json` holds them: of spans and of classes; pure, by libraries that others use too."""
