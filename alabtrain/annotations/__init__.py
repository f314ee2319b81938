"""What a completion says: spans, statuses, classes, and what was lost of them."""
