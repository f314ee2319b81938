"""Annotations to examples: texts and pages with their spans, the split, tags."""
