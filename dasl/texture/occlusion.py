"""Ambient occlusion of a head."""

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, IntArray
from dasl.head.mesh import vertex_normals
from eval.meshes.rays import cast_along_z

_DIRECTIONS = 28
_BRIGHTER_ABOVE = 0.4
_RANGE = (0.38, 1.04)
_OFFSET_M = 0.0015
"""Distance of the rays' origins from the surface, to avoid self-intersection."""


def ambient_light(vertices: FloatArray, triangles: IntArray) -> FloatArray:
    """Compute the ambient light at each vertex by ray casting.

    The surroundings are uniformly bright except for a slight gradient, brighter above.

    Args:
        vertices: (V, 3) metres, model frame.
        triangles: (T, 3), outward.

    Returns:
        (V,) about 1 if unoccluded, and at least 0.38, since skin reflects light into its folds.
    """
    normals = vertex_normals(vertices, triangles)
    origin = vertices + _OFFSET_M * normals
    light, most = np.zeros(len(vertices)), np.zeros(len(vertices))
    for direction in _directions(_DIRECTIONS):
        strength = (normals @ direction).clip(0.0) * (1.0 + _BRIGHTER_ABOVE * direction[1])
        turn = _towards_z(direction)
        turned = origin @ turn.T
        hits = cast_along_z(vertices @ turn.T, triangles, turned[:, :2])
        is_free = ~hits.hit | (hits.depth <= turned[:, 2])
        light += strength * is_free
        most += (normals @ direction).clip(0.0)
    return (light / np.maximum(most, 1e-6)).clip(*_RANGE).astype(np.float32)


def _directions(count: int) -> npt.NDArray[np.float64]:
    """Unit vectors distributed evenly over the sphere (Fibonacci spiral): (count, 3)."""
    index = np.arange(count) + 0.5
    height = 1.0 - 2.0 * index / count
    angle = index * np.pi * (3.0 - np.sqrt(5.0))
    flat = np.sqrt(1.0 - height**2)
    return np.stack([flat * np.cos(angle), height, flat * np.sin(angle)], axis=1)


def _towards_z(direction: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A rotation (3, 3) that maps a unit vector to +z."""
    aside = np.array([1.0, 0.0, 0.0]) if abs(direction[0]) < 0.8 else np.array([0.0, 1.0, 0.0])
    first = np.cross(aside, direction)
    first /= np.linalg.norm(first)
    return np.stack([first, np.cross(direction, first), direction])
