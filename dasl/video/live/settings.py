"""How a face is followed live: the numbers that the tracker here and the one in a browser share."""

from dasl.video.one_euro import OneEuro

CHECK_EVERY = 8
"""Frames between looks without landmarks, which say whether there still is a face."""
SEARCH_EVERY = 3
"""Frames between runs of the detector while nobody is seen."""
DETECTOR_SIDE = 320
"""Longer side of what the detector sees, pixels; faces are near in front of a camera."""
LIVE_FILTER = OneEuro(min_cutoff_hz=3.0, beta=6.0)
"""Of pose and expression: it runs forwards alone, so that it must lag less than a clip's."""
