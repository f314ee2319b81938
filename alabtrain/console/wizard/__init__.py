"""The wizard: questions in three steps, and the settings from the answers."""
