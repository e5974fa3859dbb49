"""Heads of the model, rendered as training faces whose 3D truth is known."""
