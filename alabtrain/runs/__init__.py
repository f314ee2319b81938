"""The run folder: writing it, reading it, its logs, and the state of a watch."""
