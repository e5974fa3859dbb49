"""Where points of the model frame lie on a picture: weak perspective in NumPy, for many points."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
"""Of single or double precision."""


@dataclass(frozen=True, eq=False)
class Camera:
    """Weak perspective from the model frame to a picture, y down.

    Attributes:
        rotation: (3, 3) model to view.
        scale: (2,) pixels a metre, across and down.
        offset: (2,) pixels, where the model's origin lies.
    """

    rotation: Floats
    scale: Floats
    offset: Floats

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Points (..., 3), metres, to pixels (..., 2) and depth (...), metres to the viewer."""
        view = points @ self.rotation.T
        return view[..., :2] * self.scale * (1.0, -1.0) + self.offset, view[..., 2]

    def image(self, points: Floats) -> Floats:
        """Points (N, 3), metres, to the image frame (N, 3), all in pixels."""
        at, depth = self.project(points)
        return np.column_stack([at, depth * self.scale.mean()]).astype(np.float32)

    def resized(self, zoom: Floats) -> "Camera":
        """Onto the same picture with `zoom` (2,) times the pixels; pixel centres are integers."""
        return Camera(self.rotation, self.scale * zoom, (self.offset + 0.5) * zoom - 0.5)
