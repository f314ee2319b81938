"""NerDL: its TensorFlow graphs and its training."""
