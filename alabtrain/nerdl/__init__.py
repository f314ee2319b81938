"""NerDL's network: the TensorFlow graphs that Spark NLP ships for it, what they take, and how their weights begin."""
