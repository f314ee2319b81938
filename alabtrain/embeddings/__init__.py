"""Token embeddings: the registry, the conversion into the cache, and the stages of a pipeline."""
