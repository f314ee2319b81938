"""Train Spark NLP models from annotation projects, and account for every annotation on the way."""

from alabtrain.core import versions

__version__ = versions.VERSION

__all__ = ["__version__"]
