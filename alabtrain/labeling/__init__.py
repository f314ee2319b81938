"""The labeling config: its model, its rules, and the patch that changes `model` attributes and no other byte."""
