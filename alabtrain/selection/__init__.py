"""Behind `select.py`: the rule for one task, its record, its story, and the files it is written to."""
