"""Trainers: one module per type of model, all behind the protocol of `base`."""
