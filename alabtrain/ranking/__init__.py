"""Which tasks to annotate next: those that would teach most."""
