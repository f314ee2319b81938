"""The wizard: questions in three steps, and the settings that the answers make."""
