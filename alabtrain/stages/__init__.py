"""Stages of saved pipelines in Spark SQL: what Spark NLP has no annotator for, with no code of ours in the model."""
