"""Clips: faces are tracked, smoothed, and written as overlay video, animated heads and tables."""

from dasl.video.clip import Clip, ClipError, Frame
from dasl.video.one_euro import OneEuro
from dasl.video.samples import Sample, Track, TrackedClip
from dasl.video.smooth import smoothed_track
from dasl.video.track import track_clip

__all__ = [
    "Clip",
    "ClipError",
    "Frame",
    "OneEuro",
    "Sample",
    "Track",
    "TrackedClip",
    "smoothed_track",
    "track_clip",
]
