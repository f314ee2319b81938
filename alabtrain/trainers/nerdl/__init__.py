"""NerDL's network: its graphs, and its training."""
