"""The commands of the command line, one module each; each parses, calls the library, and renders."""
