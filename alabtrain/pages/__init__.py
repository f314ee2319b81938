"""Pages of scanned documents: their words, the annotated boxes, and the labels of the words in these boxes."""
