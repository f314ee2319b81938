"""The terminal: options, settings, and everything that is drawn."""
