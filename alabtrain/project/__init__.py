"""An export: untrusted bytes to tasks."""
