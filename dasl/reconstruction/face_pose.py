"""`FacePose`: the pose of one face on its photo."""

from dataclasses import dataclass

import numpy as np

from dasl.arrays import FloatArray
from dasl.geometry.coefficients import Pose
from dasl.geometry.rotation import euler_deg_from_rotation


@dataclass(frozen=True, eq=False)
class FacePose:
    """Weak-perspective pose of a head on its photo; frames as in `dasl.geometry.frames`.

    Attributes:
        yaw_deg: positive when the nose points to the image's left.
        pitch_deg: positive when it points up.
        roll_deg: positive when the head leans to the image's left.
        rotation: (3, 3) float32, model to view, determinant +1.
        scale: photo pixels per metre.
        translation: (2,) float32, photo position of the model's origin, pixels.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    rotation: FloatArray
    scale: float
    translation: FloatArray

    def as_batch(self) -> Pose:
        """The same pose as a batch of one."""
        return Pose(
            rotation=self.rotation[None],
            scale=np.array([self.scale], dtype=np.float32),
            translation=self.translation[None],
        )


def face_pose(pose: Pose, row: int) -> FacePose:
    """The pose in one row of a batch."""
    yaw, pitch, roll = euler_deg_from_rotation(pose.rotation)[row].tolist()
    return FacePose(
        yaw_deg=yaw,
        pitch_deg=pitch,
        roll_deg=roll,
        rotation=pose.rotation[row],
        scale=float(pose.scale[row]),
        translation=pose.translation[row],
    )
