"""Named entity recognition on texts."""
