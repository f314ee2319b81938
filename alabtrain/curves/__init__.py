"""Learning curves: what more annotation would bring."""
