"""The Video tab (a clip with landmarks and an animated head) and the Live tab."""
