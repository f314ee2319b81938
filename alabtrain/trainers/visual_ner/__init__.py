"""Visual NER: boxes on pages."""
