"""From chosen completions to training examples; every loss and every repair on the way is counted."""
