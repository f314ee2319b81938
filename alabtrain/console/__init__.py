"""The command line: commands, options, settings and output."""
