"""Train Spark NLP models from annotation projects, and account for every annotation on the way."""

__version__ = "0.1.0"
