"""Visual NER: entities on pages, from boxes."""
