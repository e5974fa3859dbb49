"""Settings of live tracking, shared by the Python tracker and the one in the browser."""

from dasl.video.one_euro import OneEuro

CHECK_EVERY = 8
"""Frames between first passes without landmarks, which verify that there still is a face."""
SEARCH_EVERY = 3
"""Frames between runs of the detector while no face is tracked."""
DETECTOR_SIDE = 320
"""Longer side of the detector's input, pixels; small, since faces are close to the camera."""
LIVE_FILTER = OneEuro(min_cutoff_hz=1.5, beta=20.0, derivative_cutoff_hz=3.0)
"""Filter of pose and expression. It runs forwards only, so it must lag less than that for clips."""
