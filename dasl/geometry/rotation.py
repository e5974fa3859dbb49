"""Rotations: from the network's six values, and to and from yaw, pitch and roll."""

import torch
from torch import Tensor


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

    At a pitch of +-90 degrees yaw and roll have the same axis; yaw is then 0.
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
