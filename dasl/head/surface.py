"""The exported surface of a head: its part, resolution, triangles and texture seams."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, IntArray
from dasl.errors import ConfigError
from dasl.head.morphable_model import MorphableModel
from dasl.head.neck_cap import fan, lowest_border
from dasl.head.outline import corners_of_quads, smooth_points, split_sides, split_triangles

Part = Literal["head", "face"]
PARTS: tuple[Part, ...] = get_args(Part)
SUBDIVISIONS = (0, 1)
FACE_RADIUS_M = 0.095
"""Radius of the face's skin around the midpoint of the nose's bridge and base (landmarks 27 and 33)
on the reference head: to the chin, the hairline, and the cheeks just before the ears."""
FACE_INSIDES = ("eyeballs", "eye_sockets", "inner_mouth", "teeth", "tongue")
"""Inner parts that are kept with the face, so that it can blink and speak."""
BACKMOST_INSIDE_M = -0.028
"""The throat behind this z of the reference head is cut; it would stick out of a face's back."""

_TRIANGLES_OF_QUAD = 2


@dataclass(frozen=True, eq=False)
class Surface:
    """The whole head or its face, with a smooth outline or after one Catmull-Clark step.

    Attributes:
        model: the head model.
        subdivisions: 0 for the model's vertices and those of `dasl.head.outline`; or 1.
        kept: (N,) indices into the whole head, whose rows are those of `MorphableModel.subdivide`.
        triangles: (T, 3) indices into the kept vertices, outward.
        uv: (U, 2) texture coordinates, v up.
        uv_vertex: (U,) the kept vertex of each.
        uv_triangles: (T, 3) into `uv`, in the order of `triangles`.
        rim: (R,) kept vertices around the open end of the neck, in the order of the skin's
            triangles; none for the face.
    """

    model: MorphableModel
    subdivisions: int
    kept: IntArray
    triangles: IntArray
    uv: FloatArray
    uv_vertex: IntArray
    uv_triangles: IntArray
    rim: IntArray

    def whole(self, values: FloatArray) -> FloatArray:
        """Values of the model's vertices to those of the whole head: (..., V, 3) to (..., W, 3)."""
        return whole_points(self.model, values, self.subdivisions)

    @property
    def closed_triangles(self) -> IntArray:
        """(T + R, 3): `triangles`, then those of the neck cap; vertex N is the rim's centre."""
        return np.concatenate([self.triangles, fan(self.rim, len(self.kept))])

    def points(self, values: FloatArray) -> FloatArray:
        """Values of the model's vertices to those of the surface: (..., V, 3) to (..., N, 3)."""
        return self.whole(values)[..., self.kept, :]


@lru_cache(maxsize=8)
def head_surface(model: MorphableModel, part: Part = "head", subdivisions: int = 0) -> Surface:
    """The surface of a part; cached for each model and choice.

    Args:
        model: made of quads, each of two consecutive triangles, as written by
            `tools.build_head_model`.
        part: "head", or "face" for the face with its eyes and mouth.
        subdivisions: 0 or 1.

    Raises:
        ConfigError: there is no such part or subdivision.
    """
    check_surface(part, subdivisions)
    triangles = model.dense_triangles
    uv, uv_triangles = _subdivided_uv(model)
    is_face = _is_face(model, subdivisions)
    if subdivisions:
        chosen = np.repeat(_face_quads(is_face, triangles), _TRIANGLES_OF_QUAD)
    else:
        is_split = split_sides(model, is_face)
        triangles, quad = split_triangles(triangles, is_split)
        uv_triangles, _ = split_triangles(uv_triangles, is_split)
        chosen = _face_quads(is_face, model.triangles)[quad]
    if part == "face":
        triangles, uv_triangles = triangles[chosen], uv_triangles[chosen]
    kept, triangles = _renumbered(triangles)
    used, uv_triangles = _renumbered(uv_triangles)
    uv_vertex = np.empty(len(used), dtype=np.int64)
    uv_vertex[uv_triangles] = triangles
    rim = np.empty(0, dtype=np.int64)
    if part == "head":
        mean = whole_points(model, model.mean_vertices, subdivisions)
        rim = lowest_border(mean[kept], triangles)
    return Surface(model, subdivisions, kept, triangles, uv[used], uv_vertex, uv_triangles, rim)


def whole_points(model: MorphableModel, values: FloatArray, subdivisions: int) -> FloatArray:
    """Values of the model's vertices to those of the whole head: (..., V, 3) to (..., W, 3)."""
    return model.subdivide(values) if subdivisions else smooth_points(model, values)


def check_surface(part: str, subdivisions: int) -> None:
    """Raises `ConfigError` unless there is such a part and subdivision."""
    if part not in PARTS:
        raise ConfigError(f"part must be one of {', '.join(PARTS)}, got {part!r}")
    if subdivisions not in SUBDIVISIONS:
        raise ConfigError(f"subdivisions must be 0 or 1, got {subdivisions!r}")


def _is_face(model: MorphableModel, subdivisions: int) -> npt.NDArray[np.bool_]:
    """Which vertices of the whole head are the face's, (W,), decided on the reference head."""
    inside = np.any([model.region(name) for name in FACE_INSIDES], axis=0)
    columns = np.repeat(inside[:, None], 3, axis=1).astype(model.mean_vertices.dtype)
    reference = model.reference_vertices
    nose = model.landmarks68_of(reference)[[27, 33]]
    if subdivisions:
        reference, columns = model.subdivide(reference), model.subdivide(columns)
    is_near = np.linalg.norm(reference - nose.mean(axis=0), axis=1) < FACE_RADIUS_M
    return np.where(columns[:, 0] > 0.5, reference[:, 2] > BACKMOST_INSIDE_M, is_near)


def _face_quads(is_face: npt.NDArray[np.bool_], triangles: IntArray) -> npt.NDArray[np.bool_]:
    """(F,) whether more than half of a quad (two consecutive triangles) belongs to the face."""
    corners = is_face[triangles].reshape(-1, _TRIANGLES_OF_QUAD * 3)
    return np.asarray(corners.mean(axis=1) > 0.5)


def _subdivided_uv(model: MorphableModel) -> tuple[FloatArray, IntArray]:
    """Texture coordinates of the subdivided surface: (U, 2) and (T, 3) into them.

    New ones lie at the midpoints of edges and quads, in the order of a quad in
    `MorphableModel.dense_triangles`: corner, next edge, middle; corner, middle, previous edge.
    """
    quads = corners_of_quads(model.uv_triangles)
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2)
    edges, edge_of_side = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True)
    uv = model.uv.astype(np.float32)
    every_uv = np.concatenate([uv, uv[edges].mean(axis=1), uv[quads].mean(axis=1)])
    following = len(uv) + edge_of_side.reshape(-1, 4)
    before = np.roll(following, 1, axis=1)
    middle = np.repeat(len(uv) + len(edges) + np.arange(len(quads))[:, None], 4, axis=1)
    first = np.stack([quads, following, middle], axis=-1)
    second = np.stack([quads, middle, before], axis=-1)
    return every_uv, np.stack([first, second], axis=2).reshape(-1, 3)


def _renumbered(triangles: IntArray) -> tuple[IntArray, IntArray]:
    """The used indices, (N,), and the triangles as indices into them."""
    used, rows = np.unique(triangles, return_inverse=True)
    return used, rows.reshape(-1, 3)
