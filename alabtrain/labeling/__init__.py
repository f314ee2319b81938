"""Behind `config.py` and `deploy.py`: the rules of labeling configs and the patch that keeps every other byte."""
