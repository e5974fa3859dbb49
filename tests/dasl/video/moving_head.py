"""The clip with known truth that these tests share: `tools.moving_head`, made once."""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.video.clip import Frame
from dasl.video.samples import Track
from dasl.video.track import track_clip
from tools import moving_head as made

EXAMPLE = made.EXAMPLE
RATE = made.RATE
WIDTH, HEIGHT = 320, 240


@dataclass(frozen=True, eq=False)
class MovingHead:
    """A clip and what it shows: (N, 68, 3) landmarks, image frame."""

    frames: tuple[Frame, ...]
    landmarks: np.ndarray


@lru_cache(maxsize=1)
def reconstructor() -> FaceReconstructor:
    """With the embedded weights, on the CPU."""
    return FaceReconstructor.from_pretrained(device="cpu")


@cache
def moving_head(count: int) -> MovingHead:
    """A clip; the truth of frame 0 is that of every longer clip's frame 0."""
    shown = made.moving_head(reconstructor()(EXAMPLE)[0], count, (WIDTH, HEIGHT))
    return MovingHead(tuple(shown.frames()), shown.landmarks)


@lru_cache(maxsize=1)
def unsmoothed_track() -> Track:
    """Of the clip of 30 frames, as it was followed."""
    (track,) = track_clip(moving_head(30).frames, reconstructor()).tracks
    return track
