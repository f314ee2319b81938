"""Pages of scanned documents: their words, the boxes that annotators drew, and the labels that these give to words."""
