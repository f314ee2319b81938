"""From annotations to examples: texts and pages with their spans, the split, IOB2 tags."""
