"""Trainers: one package per model type, all with the protocol `Trainer` of `base`."""
