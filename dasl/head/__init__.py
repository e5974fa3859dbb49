"""The head model: shape, landmarks, surface, and fitting to points."""
