"""From a file to pixels, and from pixels to face boxes."""
