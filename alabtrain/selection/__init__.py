"""Which completion of each task counts: the rule, its record, and the files that it is written to."""
