"""The protocol's poses, and the frames between a scan and its rendering.

Scan frame: millimetres, x to the image's right for a frontal face, y up, z out of the face, as
published. View frame: the same axes after the pose's rotation. Image frame: pixels of the
rendering, 0-based, integer = pixel centre, x right, y down, z towards the viewer, in pixels, 0 at
the centre of the crop's box. The y flip happens in `View` and nowhere else.
"""

from dataclasses import dataclass

import numpy as np

from eval.errors import ArrayError
from eval.scoring.metrics import Float64s, Floats

IMAGE_SIDE = 600  # pixels; SADRNet's script
# Our choice: a fixed scale, 400 mm to the image's side; SADRNet's script fits each scan instead.
PIXELS_PER_MM = 1.5
IMAGE_CENTRE = np.array([(IMAGE_SIDE - 1) / 2, (IMAGE_SIDE - 1) / 2, 0.0])
FLIP_Y = np.array([1.0, -1.0, 1.0])
YAWS_DEG = (-80.0, -40.0, 0.0, 40.0, 80.0)


@dataclass(frozen=True)
class Pose:
    """One rendering's pose: the rotation applied to the scan as published.

    Attributes:
        pitch_deg: applied first, about the scan's x axis; positive lifts the nose.
        yaw_deg: applied second, about the view's y axis; positive turns the nose to the image's
            left.
    """

    pitch_deg: float
    yaw_deg: float

    @property
    def rotation(self) -> Float64s:
        """(3, 3), scan to view, determinant +1."""
        pitch, yaw = np.radians([self.pitch_deg, self.yaw_deg])
        up = np.array(
            [
                [1.0, 0.0, 0.0],
                [0.0, np.cos(pitch), np.sin(pitch)],
                [0.0, -np.sin(pitch), np.cos(pitch)],
            ]
        )
        left = np.array(
            [[np.cos(yaw), 0.0, -np.sin(yaw)], [0.0, 1.0, 0.0], [np.sin(yaw), 0.0, np.cos(yaw)]]
        )
        return np.asarray(left @ up, dtype=np.float64)

    def image_id(self, subject: str) -> str:
        """The rendering's id, `<subject>_<pitch>_<yaw>`, such as subject_01_7.5_-80."""
        return f"{subject}_{self.pitch_deg:g}_{self.yaw_deg:g}"


@dataclass(frozen=True)
class PoseSet:
    """A named set of poses; an id that two sets share means the same picture.

    Attributes:
        name: as on the command line.
        pitches_deg: as applied.
        source: the source of the angles, and our reading of it.
    """

    name: str
    pitches_deg: tuple[float, ...]
    source: str

    @property
    def poses(self) -> tuple[Pose, ...]:
        """Every pitch at every yaw."""
        return tuple(Pose(pitch, yaw) for pitch in self.pitches_deg for yaw in YAWS_DEG)


# The scans face down by about 20 degrees; both sets lift the nose to compensate.
POSE_SETS = {
    pose_set.name: pose_set
    for pose_set in (
        PoseSet(
            "vrn",
            (15.0, 20.0, 25.0),
            "VRN's author: -15, -20, -25 at five yaws (github.com/AaronJackson/vrn/issues/158; the "
            "paper's text reads -15, 20, 25 and 20 poses). Read as right-handed turns about x, "
            "which lift the nose and undo the scans' bias; the sign is our reading.",
        ),
        PoseSet(
            "sadrnet",
            (7.5, 22.5, 37.5, 52.5),
            "SADRNet's script: -15, 0, 15, 30 plus an offset of 22.5, at five yaws; the matrix of "
            "its forerunner (reshow/SDRN, renderMICC.py) lifts the nose.",
        ),
    )
}


@dataclass(frozen=True, eq=False)
class View:
    """An orthographic camera on one scan.

    Attributes:
        rotation: (3, 3), scan to view.
        centre_view: (3,) millimetres, the point shown at the image's centre at depth 0.
    """

    rotation: Float64s
    centre_view: Float64s

    def view_from_scan(self, points: Floats) -> Float64s:
        """(N, 3) points in millimetres, from scan frame to view frame."""
        return np.asarray(_three(points) @ self.rotation.T, dtype=np.float64)

    def image_from_view(self, points: Floats) -> Float64s:
        """(N, 3) points, from view frame in millimetres to image frame in pixels."""
        pixels = (_three(points) - self.centre_view) * PIXELS_PER_MM * FLIP_Y
        return np.asarray(pixels + IMAGE_CENTRE, dtype=np.float64)

    def view_from_image(self, points: Floats) -> Float64s:
        """(N, 3) points, from image frame in pixels to view frame in millimetres."""
        offsets = (_three(points) - IMAGE_CENTRE) * FLIP_Y
        return np.asarray(offsets / PIXELS_PER_MM + self.centre_view, dtype=np.float64)

    def image_from_scan(self, points: Floats) -> Float64s:
        """(N, 3) points, from scan frame in millimetres to image frame in pixels."""
        return self.image_from_view(self.view_from_scan(points))


def centred_view(face_points: Floats, pose: Pose) -> View:
    """The camera that puts the centre of a face's bounding box at the centre of the image.

    Args:
        face_points: (N, 3) millimetres, scan frame: the crop around the nose tip.
        pose: of the rendering.

    Example:
        >>> view = centred_view(np.array([[0.0, 0, 0], [10.0, 20, 0]]), Pose(0.0, 0.0))
        >>> view.image_from_scan(np.array([[6.0, 10.0, 0.0]]))
        array([[301.5, 299.5,   0. ]])
    """
    turned = _three(face_points) @ pose.rotation.T
    return View(pose.rotation, (turned.min(axis=0) + turned.max(axis=0)) / 2)


def _three(points: Floats) -> Float64s:
    if points.ndim != 2 or points.shape[1] != 3:
        raise ArrayError(f"points must be (N, 3), got {points.shape}; pass one face at a time")
    return np.asarray(points, dtype=np.float64)
