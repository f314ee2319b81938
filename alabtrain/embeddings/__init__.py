"""Token embeddings: which there are, how they get into the cache, and how they become stages of a pipeline."""
