"""Weak-perspective projection from the model frame to an image, in NumPy."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
"""Single or double precision."""


@dataclass(frozen=True, eq=False)
class Camera:
    """Weak-perspective camera from the model frame to an image, y down.

    Attributes:
        rotation: (3, 3) model to view.
        scale: (2,) pixels per metre, horizontal and vertical.
        offset: (2,) image position of the model's origin, pixels.
    """

    rotation: Floats
    scale: Floats
    offset: Floats

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Project points (..., 3), metres, to pixels (..., 2) and depth (...).

        Depth is in metres and increases towards the viewer.
        """
        view = (points.reshape(-1, 3) @ self.rotation.T).reshape(points.shape)
        return view[..., :2] * self.scale * (1.0, -1.0) + self.offset, view[..., 2]

    def image(self, points: Floats) -> Floats:
        """Convert points (N, 3), metres, to the image frame (N, 3), depth also in pixels."""
        at, depth = self.project(points)
        return np.column_stack([at, depth * self.scale.mean()]).astype(np.float32)

    def resized(self, zoom: Floats) -> "Camera":
        """Camera for the image resized by `zoom` (2,); pixel centres are integers."""
        return Camera(self.rotation, self.scale * zoom, (self.offset + 0.5) * zoom - 0.5)
