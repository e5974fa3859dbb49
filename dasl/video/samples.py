"""Results of tracking faces in a clip: samples, tracks, clips."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.errors import DaslError
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.rotation import euler_deg_from_rotation


@dataclass(frozen=True, eq=False)
class Sample:
    """One person in one frame.

    Attributes:
        frame: index.
        time_s: of the frame.
        coefficients: one row; the pose maps the model to this frame's pixels.
        landmarks: (68, 3) float32, image frame.
        confidence: in [0, 1].
    """

    frame: int
    time_s: float
    coefficients: Coefficients
    landmarks: FloatArray
    confidence: float

    @cached_property
    def identity(self) -> FloatArray:
        """(K,) of the coefficients, standard deviations."""
        return self.coefficients.identity[0]

    @property
    def box(self) -> FloatArray:
        """(4,) x0, y0, x1, y1 around the landmarks, at pixel edges."""
        planar = self.landmarks[:, :2] + 0.5
        return np.concatenate([planar.min(axis=0), planar.max(axis=0)])

    @property
    def angles_deg(self) -> tuple[float, float, float]:
        """Yaw, pitch, roll."""
        yaw, pitch, roll = euler_deg_from_rotation(self.coefficients.pose.rotation)[0].tolist()
        return yaw, pitch, roll


@dataclass(frozen=True, eq=False)
class Track:
    """One person through a clip.

    Attributes:
        number: from 1, in order of appearance.
        samples: in order of time; frames without the face are missing.
        best_frame: index of the frame that shows the face best: frontal and confident.
        best_pixels: (H, W, 3) uint8 RGB, that frame.
    """

    number: int
    samples: tuple[Sample, ...]
    best_frame: int
    best_pixels: RgbImage = field(repr=False)


@dataclass(frozen=True, eq=False)
class TrackedClip:
    """The result of tracking the faces of a clip.

    Attributes:
        tracks: one per person; empty if no face was found.
        frame_count: number of frames read.
        size: width, height of the frames, pixels.
        damage: why reading stopped before the end, or None.
    """

    tracks: tuple[Track, ...]
    frame_count: int
    size: tuple[int, int]
    damage: DaslError | None
