"""Train Spark NLP models from annotation projects, and account for every annotation on the way."""

from alabtrain.core.versions import VERSION as __version__

__all__ = ["__version__"]
