"""The commands of the command line, one module each, which parses the options, calls the library and prints."""
