"""The languages that alabtrain knows: their sentence and token rules, embeddings and pipelines."""
