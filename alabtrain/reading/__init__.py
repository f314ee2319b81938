"""Exports as they come: untrusted bytes to tasks, completions and regions."""
