"""Splits long skin edges outside the face once, for a smooth outline of the head.

The model's quads are fine in the face and coarse on the skull and the neck, where corners are
visible against a background. Long edges there get a new point on the smooth surface. Existing
vertices do not move, and the face keeps its triangles.
"""

from itertools import product

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, IntArray
from dasl.head.morphable_model import MorphableModel

LONG_EDGE_M = 0.009
"""Skin edges that are longer on the reference head, metres, are split."""

_FANS: dict[tuple[bool, ...], tuple[tuple[int, ...], ...]] = {
    (False, False, False, False): ((0, 1, 2, 3),),
    (True, False, False, False): ((1, 2, 3, 4, 0),),
    (True, True, False, False): ((5, 0, 1, 2, 3, 4),),
    (True, False, True, False): ((1, 2, 3, 4), (0, 1, 4, 5)),
    (True, True, True, False): ((3, 4, 5, 6, 0, 1, 2),),
}
"""The split sides of a quad, up to a rotation, and the triangle fans that then fill it.

Numbers count around the quad: each corner, then the new point of the next side if it is split.
Each pattern is mirror symmetric, except for the diagonals of the fourth's two halves."""

_CORNERS = 24
"""Of the eight triangles of a quad with all sides split."""


def smooth_points(model: MorphableModel, values: FloatArray) -> FloatArray:
    """Values of the vertices, and new values between them on a smooth surface through them.

    A Catmull-Clark step S also moves the vertices, inwards on a skull. Therefore v is first moved
    by the same amount outwards, v + (v - (S v)[:V]). To first order, the step's new points then lie
    on a surface through v.

    Args:
        model: gives the topology.
        values: (..., V, 3), linear: positions or displacements.

    Returns:
        (..., D, 3) in the order of `MorphableModel.subdivide`; the first V are `values`.
    """
    count = model.vertex_count
    pushed = 2 * values - model.subdivide(values)[..., :count, :]
    return np.concatenate([values, model.subdivide(pushed)[..., count:, :]], axis=-2)


def split_sides(model: MorphableModel, is_face: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which sides of the quads are split, (F, 4); the two quads at an edge agree.

    Args:
        model: made of quads.
        is_face: (V,) vertices whose edges are not split.
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
        (T, 3) triangles, quad by quad, with the indices of `dense`; (T,) the quad of each.

    Example:
        >>> dense = np.array([[0, 4, 8], [0, 8, 7], [1, 5, 8], [1, 8, 4],
        ...                   [2, 6, 8], [2, 8, 5], [3, 7, 8], [3, 8, 6]])
        >>> split_triangles(dense, np.array([[True, False, False, False]]))[0].tolist()
        [[4, 1, 2], [4, 2, 3], [4, 3, 0]]
    """
    places = {sides: _places(sides) for sides in product((False, True), repeat=4)}
    chosen = [places[tuple(sides)] for sides in is_split.tolist()]
    quad = np.repeat(np.arange(len(chosen)), [len(of_quad) for of_quad in chosen])
    corners = dense.reshape(len(chosen), _CORNERS)
    return corners[quad[:, None], np.concatenate(chosen)], quad


def _places(sides: tuple[bool, ...]) -> IntArray:
    """Triangles (T, 3) of a quad, as places among the corners of its eight triangles.

    Of these, each second one starts with a corner of the quad and the new point of the next side.
    """
    if all(sides):
        return np.arange(_CORNERS).reshape(-1, 3)
    return np.array(_partly_split([[6 * k, 6 * k + 1] for k in range(4)], sides))


def _partly_split(corner_and_next: list[list[int]], sides: tuple[bool, ...]) -> list[list[int]]:
    """Triangles of a quad with up to three split sides.

    Args:
        corner_and_next: four corners, each with the new point of the next side.
        sides: which of these points exist.
    """
    first = next(k for k in range(4) if sides[k:] + sides[:k] in _FANS)
    turned = sides[first:] + sides[:first]
    ring = []
    for (corner, point), is_side_split in zip(
        corner_and_next[first:] + corner_and_next[:first], turned, strict=True
    ):
        ring += [corner, point] if is_side_split else [corner]
    return [triangle for fan in _FANS[turned] for triangle in _fan([ring[place] for place in fan])]


def _fan(ring: list[int]) -> list[list[int]]:
    return [[ring[0], ring[k], ring[k + 1]] for k in range(1, len(ring) - 1)]


def corners_of_quads(triangles: IntArray) -> IntArray:
    """(2 F, 3) triangles, two consecutive ones per quad, to (F, 4) corners."""
    pairs = triangles.reshape(-1, 2, 3)
    return np.concatenate([pairs[:, 0], pairs[:, 1, 2:]], axis=1)
