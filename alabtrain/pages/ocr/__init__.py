"""Words of pages that have none: read from their pictures by an engine for optical character recognition."""
