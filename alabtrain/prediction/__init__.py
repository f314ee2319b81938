"""Models on tasks: load, apply, result items; gold and judgement."""
