"""Long edges of the skin behind the face split once, so that the head's outline is smooth.

The model's quads are fine in the face and coarse on the skull and the neck, where their edges show
against a background as corners. Long edges there get a point on the smooth surface; all vertices
stay where they are, and the face keeps its triangles.
"""

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, IntArray
from dasl.head.morphable_model import MorphableModel

LONG_EDGE_M = 0.009
"""Edges of the reference head's skin that are longer, metres, are split."""

_FANS: dict[tuple[bool, ...], tuple[tuple[int, ...], ...]] = {
    (False, False, False, False): ((0, 1, 2, 3),),
    (True, False, False, False): ((1, 2, 3, 4, 0),),
    (True, True, False, False): ((5, 0, 1, 2, 3, 4),),
    (True, False, True, False): ((1, 2, 3, 4), (0, 1, 4, 5)),
    (True, True, True, False): ((3, 4, 5, 6, 0, 1, 2),),
}
"""Which sides of a quad are split, up to a rotation, and the triangle fans that fill it then.

Numbers count round the quad: each corner, then the new point of the side that follows if it is
split. Each pattern is its own mirror image, except for the diagonals of the fourth's two halves."""


def smooth_points(model: MorphableModel, values: FloatArray) -> FloatArray:
    """Values of the vertices, and between them those of a smooth surface through the vertices.

    A Catmull-Clark step S also moves the vertices: inwards on a skull. So v is first moved as far
    the other way, v + (v - (S v)[:V]). To first order, the step's new points then lie on a surface
    through v.

    Args:
        model: whose vertices these are.
        values: (..., V, 3), linear: positions or displacements.

    Returns:
        (..., D, 3) in the order of `MorphableModel.subdivide`; the first V are `values`.
    """
    count = model.vertex_count
    pushed = 2 * values - model.subdivide(values)[..., :count, :]
    return np.concatenate([values, model.subdivide(pushed)[..., count:, :]], axis=-2)


def split_sides(model: MorphableModel, is_face: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which sides of the quads are split, (F, 4); both quads at an edge agree.

    Args:
        model: made of quads.
        is_face: (V,) vertices whose edges stay whole.
    """
    quads = corners_of_quads(model.triangles)
    ends = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1)
    along = np.diff(model.reference_vertices[ends], axis=2)
    is_long = np.linalg.norm(along, axis=-1)[..., 0] > LONG_EDGE_M
    is_free = model.region("skin") & ~is_face
    return np.asarray(is_long & is_free[ends].all(axis=2))


def split_triangles(dense: IntArray, is_split: npt.NDArray[np.bool_]) -> tuple[IntArray, IntArray]:
    """Triangles with some of the quads' sides split, without gaps.

    A quad with all four sides split becomes four around its middle, one with two opposite sides
    split two, any other a fan; one with no side split keeps its two triangles.

    Args:
        dense: (8 F, 3) triangles of all quads split, in the order of
            `MorphableModel.dense_triangles`, of vertices or of texture coordinates.
        is_split: (F, 4) sides.

    Returns:
        (T, 3) triangles, quad by quad, with the numbers of `dense`; (T,) the quad of each.

    Example:
        >>> dense = np.array([[0, 4, 8], [0, 8, 7], [1, 5, 8], [1, 8, 4],
        ...                   [2, 6, 8], [2, 8, 5], [3, 7, 8], [3, 8, 6]])
        >>> split_triangles(dense, np.array([[True, False, False, False]]))[0].tolist()
        [[4, 1, 2], [4, 2, 3], [4, 3, 0]]
    """
    triangles = []
    for fine, sides in zip(dense.reshape(-1, 8, 3).tolist(), is_split.tolist(), strict=True):
        if all(sides):
            triangles.append(fine)
        else:
            corner_and_next = [triangle[:2] for triangle in fine[::2]]
            triangles.append(_partly_split(corner_and_next, sides))
    quad = np.repeat(np.arange(len(triangles)), [len(of_quad) for of_quad in triangles])
    return np.concatenate(triangles), quad


def _partly_split(corner_and_next: list[list[int]], sides: list[bool]) -> list[list[int]]:
    """Triangles of a quad of which up to three sides are split.

    Args:
        corner_and_next: four corners, each with the point of the side that follows it.
        sides: which of these points are there.
    """
    first = next(k for k in range(4) if tuple(sides[k:] + sides[:k]) in _FANS)
    turned = sides[first:] + sides[:first]
    ring = []
    for (corner, point), is_side_split in zip(
        corner_and_next[first:] + corner_and_next[:first], turned, strict=True
    ):
        ring += [corner, point] if is_side_split else [corner]
    fans = _FANS[tuple(turned)]
    return [triangle for fan in fans for triangle in _fan([ring[place] for place in fan])]


def _fan(ring: list[int]) -> list[list[int]]:
    return [[ring[0], ring[k], ring[k + 1]] for k in range(1, len(ring) - 1)]


def corners_of_quads(triangles: IntArray) -> IntArray:
    """(2 F, 3) triangles, two a quad in a row, to (F, 4) corners."""
    pairs = triangles.reshape(-1, 2, 3)
    return np.concatenate([pairs[:, 0], pairs[:, 1, 2:]], axis=1)
