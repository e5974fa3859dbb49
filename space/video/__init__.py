"""The Video tab: a clip to a film and an animated head."""
