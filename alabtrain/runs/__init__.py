"""Behind `run.py` and `report.py`: the run folder, its lock, and the pages in it."""
