"""Augmentation of training faces: geometry, appearance, landmark maps."""
