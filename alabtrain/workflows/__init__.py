"""The work of each command, one module per command."""
