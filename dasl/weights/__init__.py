"""Weights: the folder that holds them, the hub, and what is published there."""

from dasl.weights.folder import load_weights, save_weights, weights_folder

__all__ = ["load_weights", "save_weights", "weights_folder"]
