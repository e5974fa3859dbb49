"""Where points of the model frame lie on a picture: weak perspective in NumPy, for many points."""

from dataclasses import dataclass

import numpy as np

from dasl.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Camera:
    """Weak perspective from the model frame to a picture, y down.

    Attributes:
        rotation: (3, 3) model to view.
        scale: (2,) pixels a metre, across and down.
        offset: (2,) pixels, where the model's origin lies.
    """

    rotation: FloatArray
    scale: FloatArray
    offset: FloatArray

    def project(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Points (..., 3), metres, to pixels (..., 2) and depth (...), metres to the viewer."""
        view = points @ self.rotation.T
        return view[..., :2] * self.scale * (1.0, -1.0) + self.offset, view[..., 2]

    def image(self, points: FloatArray) -> FloatArray:
        """Points (N, 3), metres, to the image frame (N, 3), all in pixels."""
        at, depth = self.project(points)
        return np.column_stack([at, depth * self.scale.mean()]).astype(np.float32)

    def resized(self, zoom: FloatArray) -> "Camera":
        """Onto the same picture with `zoom` (2,) times the pixels; pixel centres are integers."""
        return Camera(self.rotation, self.scale * zoom, (self.offset + 0.5) * zoom - 0.5)
