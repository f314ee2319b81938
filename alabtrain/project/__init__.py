"""An export: from untrusted bytes to tasks."""
