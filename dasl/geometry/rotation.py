"""Rotations: from the network's six values, and to and from yaw, pitch and roll."""

import math

from dasl.arrays import Array, array_namespace

SHORTEST = 1e-12
"""Vectors are divided by no less than this: a zero vector stays zero."""
_NEXT, _AFTER = [1, 2, 0], [2, 0, 1]  # of x, y and z


def rotation_from_6d(six: Array) -> Array:
    """Gram-Schmidt on two rows: (B, 6) to (B, 3, 3), determinant +1.

    Source: Zhou et al. 2019, "On the Continuity of Rotation Representations", eq. 15 (there with
    columns).
    """
    xp = array_namespace(six)
    first = unit(six[:, :3])
    second = unit(six[:, 3:] - xp.sum(first * six[:, 3:], axis=1, keepdims=True) * first)
    return xp.stack([first, second, cross(first, second)], axis=1)


def unit(vectors: Array) -> Array:
    """Vectors (..., N) at length 1."""
    xp = array_namespace(vectors)
    length = xp.linalg.vector_norm(vectors, axis=-1, keepdims=True)
    return vectors / xp.clip(length, SHORTEST, None)


def cross(one: Array, other: Array) -> Array:
    """Cross products of vectors (B, 3); NumPy's own takes four times as long for a few."""
    return one[:, _NEXT] * other[:, _AFTER] - one[:, _AFTER] * other[:, _NEXT]


def rotation_from_euler_deg(angles_deg: Array) -> Array:
    """(B, 3) yaw, pitch, roll in degrees to (B, 3, 3).

    Convention: R = R_z(roll) R_x(pitch) R_y(-yaw). Yaw is positive when the nose points to the
    image's left, pitch is positive when it points up, roll when the head leans to the
    image's left (counter-clockwise as seen).
    """
    angles = angles_deg * (math.pi / 180.0)
    yaw, pitch, roll = angles[:, 0], angles[:, 1], angles[:, 2]
    return _about_z(roll) @ _about_x(-pitch) @ _about_y(-yaw)


def euler_deg_from_rotation(rotation: Array) -> Array:
    """(B, 3, 3) to (B, 3) yaw, pitch, roll in degrees; the inverse of the above.

    At a pitch of +-90 degrees yaw and roll have the same axis; yaw is then 0.
    """
    xp = array_namespace(rotation)
    pitch = xp.asin(xp.clip(-rotation[:, 2, 1], -1.0, 1.0))
    yaw = xp.atan2(rotation[:, 2, 0], rotation[:, 2, 2])
    roll = xp.atan2(-rotation[:, 0, 1], rotation[:, 1, 1])
    return xp.stack([yaw, pitch, roll], axis=1) * (180.0 / math.pi)


def _about_x(angle: Array) -> Array:
    cos, sin, zero, one = _parts(angle)
    return _matrix([one, zero, zero, zero, cos, -sin, zero, sin, cos])


def _about_y(angle: Array) -> Array:
    cos, sin, zero, one = _parts(angle)
    return _matrix([cos, zero, sin, zero, one, zero, -sin, zero, cos])


def _about_z(angle: Array) -> Array:
    cos, sin, zero, one = _parts(angle)
    return _matrix([cos, -sin, zero, sin, cos, zero, zero, zero, one])


def _parts(angle: Array) -> tuple[Array, Array, Array, Array]:
    """Cosine, sine, zeros and ones, each (B,)."""
    xp = array_namespace(angle)
    return xp.cos(angle), xp.sin(angle), xp.zeros_like(angle), xp.ones_like(angle)


def _matrix(entries: list[Array]) -> Array:
    """Nine (B,) entries, row by row, to (B, 3, 3)."""
    xp = array_namespace(*entries)
    return xp.reshape(xp.stack(entries, axis=1), (-1, 3, 3))
