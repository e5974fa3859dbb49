"""The Reconstruct tab: a photo to a head."""
