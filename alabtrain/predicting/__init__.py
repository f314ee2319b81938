"""Models at work on a project's texts: which ones the labeling config names, what they find, and how it is written."""
