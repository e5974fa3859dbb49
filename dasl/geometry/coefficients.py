"""The numbers that describe a face: pose, identity, expression; and their packing in one vector.

The network's raw output is a whitened vector (B, 9 + K + E):

    0:6   first two rows of the rotation (6D parametrisation, Zhou et al. 2019, arXiv 1812.07035)
    6     log of the scale in crop pixels per metre
    7:9   translation x, y in crop pixels
    9:    K identity coefficients (standard deviations), then E expression weights in [0, 1]
"""

from dataclasses import dataclass

import torch
from torch import Tensor

POSE_COUNT = 9


@dataclass(frozen=True)
class Pose:
    """Weak-perspective cameras of a batch; see `dasl.geometry.frames` for the frames.

    Attributes:
        rotation: (B, 3, 3) model to view, determinant +1.
        scale: (B,) pixels per metre.
        translation: (B, 2) image position of the model's origin, pixels.
    """

    rotation: Tensor
    scale: Tensor
    translation: Tensor

    def rows(self, start: int, stop: int) -> "Pose":
        """Some faces of the batch."""
        return Pose(self.rotation[start:stop], self.scale[start:stop], self.translation[start:stop])

    def cpu(self) -> "Pose":
        """The same on the CPU."""
        return Pose(self.rotation.cpu(), self.scale.cpu(), self.translation.cpu())


@dataclass(frozen=True)
class Coefficients:
    """One batch of faces.

    Attributes:
        pose: cameras.
        identity: (B, K), standard deviations.
        expression: (B, E), each in [0, 1].
    """

    pose: Pose
    identity: Tensor
    expression: Tensor

    def rows(self, start: int, stop: int) -> "Coefficients":
        """Some faces of the batch."""
        return Coefficients(
            self.pose.rows(start, stop), self.identity[start:stop], self.expression[start:stop]
        )

    def cpu(self) -> "Coefficients":
        """The same on the CPU."""
        return Coefficients(self.pose.cpu(), self.identity.cpu(), self.expression.cpu())


@dataclass(frozen=True)
class Whitening:
    """Affine map between raw network outputs and coefficients.

    Attributes:
        mean: (9 + K + E,).
        std: (9 + K + E,), positive.
    """

    mean: Tensor
    std: Tensor


def pack(coefficients: Coefficients) -> Tensor:
    """One unwhitened vector for each face: (B, 9 + K + E)."""
    pose = coefficients.pose
    return torch.cat(
        [
            pose.rotation[:, :2].reshape(-1, 6),
            pose.scale.log()[:, None],
            pose.translation,
            coefficients.identity,
            coefficients.expression,
        ],
        dim=1,
    )


def unpack(packed: Tensor, identity_count: int) -> Coefficients:
    """Inverse of `pack`; makes the rotation valid and keeps expression weights in [0, 1]."""
    pose = Pose(
        rotation=rotation_from_6d(packed[:, :6]),
        scale=packed[:, 6].clamp(-20.0, 20.0).exp(),
        translation=packed[:, 7:9],
    )
    identity = packed[:, POSE_COUNT : POSE_COUNT + identity_count]
    expression = packed[:, POSE_COUNT + identity_count :].clamp(0.0, 1.0)
    return Coefficients(pose=pose, identity=identity, expression=expression)


def encode(coefficients: Coefficients, whitening: Whitening) -> Tensor:
    """What a perfect network would put out: (B, 9 + K + E), whitened."""
    return (pack(coefficients) - whitening.mean) / whitening.std


def decode(raw: Tensor, whitening: Whitening, identity_count: int) -> Coefficients:
    """Network output (B, 9 + K + E) to coefficients; differentiable."""
    return unpack(raw * whitening.std + whitening.mean, identity_count)


def rotation_from_6d(six: Tensor) -> Tensor:
    """Gram-Schmidt on two rows: (B, 6) to (B, 3, 3), determinant +1.

    Source: Zhou et al. 2019, "On the Continuity of Rotation Representations", eq. 15 (there with
    columns).
    """
    first = torch.nn.functional.normalize(six[:, :3], dim=1)
    second = six[:, 3:] - (first * six[:, 3:]).sum(dim=1, keepdim=True) * first
    second = torch.nn.functional.normalize(second, dim=1)
    third = torch.linalg.cross(first, second)
    return torch.stack([first, second, third], dim=1)


def rotation_from_euler_deg(angles_deg: Tensor) -> Tensor:
    """(B, 3) yaw, pitch, roll in degrees to (B, 3, 3).

    Convention: R = R_z(roll) R_x(pitch) R_y(-yaw). Yaw is positive when the nose points to the
    image's left, pitch is positive when it points up, roll when the head leans to the
    image's left (counter-clockwise as seen).
    """
    yaw, pitch, roll = torch.deg2rad(angles_deg).unbind(dim=1)
    return _about_z(roll) @ _about_x(-pitch) @ _about_y(-yaw)


def euler_deg_from_rotation(rotation: Tensor) -> Tensor:
    """(B, 3, 3) to (B, 3) yaw, pitch, roll in degrees; the inverse of the above.

    At a pitch of +-90 degrees yaw and roll turn about one axis; all of it is given to the roll.
    """
    pitch = torch.asin((-rotation[:, 2, 1]).clamp(-1.0, 1.0))
    yaw = torch.atan2(rotation[:, 2, 0], rotation[:, 2, 2])
    roll = torch.atan2(-rotation[:, 0, 1], rotation[:, 1, 1])
    return torch.rad2deg(torch.stack([yaw, pitch, roll], dim=1))


def _about_x(angle: Tensor) -> Tensor:
    cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], dim=1).reshape(-1, 3, 3)


def _about_y(angle: Tensor) -> Tensor:
    cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([cos, zero, sin, zero, one, zero, -sin, zero, cos], dim=1).reshape(-1, 3, 3)


def _about_z(angle: Tensor) -> Tensor:
    cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1).reshape(-1, 3, 3)
