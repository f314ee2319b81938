"""The languages that alabtrain knows: how their texts are cut, and what embeddings and pipelines there are."""
