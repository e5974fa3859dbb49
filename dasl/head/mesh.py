"""Geometry of a head for export: normals, and vertices split along the seams of the texture."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.rotation import unit
from dasl.head.morphable_model import MorphableModel
from dasl.head.neck_cap import fan, with_centre
from dasl.head.surface import Part, Surface, head_surface


@dataclass(frozen=True, eq=False)
class SplitMesh:
    """A head with one texture coordinate for each vertex, as glTF requires.

    Attributes:
        vertices: (U, 3) metres, model frame.
        normals: (U, 3) unit length, outward; equal on both sides of a seam.
        uv: (U, 2), v up.
        triangles: (T, 3) into the above, outward.
    """

    vertices: FloatArray
    normals: FloatArray
    uv: FloatArray
    triangles: IntArray


def split_mesh(
    model: MorphableModel, vertices_model: FloatArray, part: Part = "head", subdivisions: int = 0
) -> SplitMesh:
    """Duplicate the vertices along texture seams, and those of the rim for the neck cap.

    Args:
        model: gives the topology of `vertices_model`.
        vertices_model: (V, 3) metres, the model's vertices.
        part: "head" or "face"; normals at the face's border are those of the whole head.
        subdivisions: 0 or 1.
    """
    surface = head_surface(model, part, subdivisions)
    vertices = surface.whole(vertices_model).astype(np.float32)
    normals = _whole_normals(surface, vertices_model)
    source = surface.kept[surface.uv_vertex]
    lid = with_centre(vertices[surface.kept[surface.rim]], np.arange(len(surface.rim)))
    # The cap has one colour: that of the skin at the rim's first vertex.
    at_rim = np.flatnonzero(np.isin(surface.uv_vertex, surface.rim[:1]))[:1]
    return SplitMesh(
        vertices=np.concatenate([vertices[source], lid]),
        normals=np.concatenate([normals[source], _lid_normals(lid)]),
        uv=np.concatenate([surface.uv, np.repeat(surface.uv[at_rim], len(lid), axis=0)]),
        triangles=np.concatenate([surface.uv_triangles, _lid_triangles(surface)]),
    )


def _whole_normals(surface: Surface, vertices_model: FloatArray) -> FloatArray:
    """(W, 3) unit normals of the whole head.

    If only some edges are split, the model's vertices keep the normals of its own triangles, and
    new vertices get interpolated ones; uneven triangle sizes would cause blotchy shading.
    """
    model = surface.model
    if surface.subdivisions:
        return vertex_normals(surface.whole(vertices_model), model.dense_triangles)
    of_model = vertex_normals(vertices_model, model.triangles)
    between = model.subdivide(of_model)[model.vertex_count :]
    return np.concatenate([of_model, unit(between)])


def split_expression_basis(
    model: MorphableModel, part: Part = "head", subdivisions: int = 0
) -> FloatArray:
    """Displacement of each split vertex under each expression: (E, U, 3) metres."""
    surface = head_surface(model, part, subdivisions)
    basis = surface.points(model.expression_basis).astype(np.float32)
    lid = with_centre(basis[:, surface.rim], np.arange(len(surface.rim)))
    return np.concatenate([basis[:, surface.uv_vertex], lid], axis=1)


def _lid_triangles(surface: Surface) -> IntArray:
    """(R, 3) triangles of the cap; the last split vertices are the rim and its centre."""
    count = len(surface.rim)
    first = len(surface.uv)
    return fan(np.arange(first, first + count), first + count)


def _lid_normals(lid: FloatArray) -> FloatArray:
    """(R + 1, 3) unit normals, all the same; (0, 3) without a cap."""
    if not len(lid):
        return lid
    ring = np.arange(len(lid) - 1)
    normal = vertex_normals(lid, fan(ring, len(ring)))[-1:]
    return np.repeat(normal, len(lid), axis=0)


def vertex_normals(vertices: FloatArray, triangles: npt.NDArray[np.integer]) -> FloatArray:
    """Mean of the adjacent triangles' normals, weighted by area.

    Args:
        vertices: (V, 3) in a right-handed frame; in a left-handed one flip the winding first.
        triangles: (T, 3), outward.

    Returns:
        (V, 3) unit length; (0, 0, 1) if no adjacent triangle has an area.

    Example:
        >>> corner = np.eye(3, dtype=np.float32)
        >>> vertex_normals(corner, np.array([[0, 1, 2]])).round(3)[0].tolist()
        [0.5770000219345093, 0.5770000219345093, 0.5770000219345093]
    """
    # One array for each axis: rows of three are several times slower.
    corners = [axis[triangles.T] for axis in vertices.T.astype(np.float64)]
    (x1, y1, z1), (x2, y2, z2) = ([axis[corner] - axis[0] for axis in corners] for corner in (1, 2))
    flat = triangles.ravel()
    x, y, z = (
        np.bincount(flat, np.repeat(of_triangle, 3), len(vertices))
        for of_triangle in (y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2)
    )
    length = np.sqrt(x * x + y * y + z * z)
    normals = np.stack([x, y, z], axis=1) / np.where(length > 0, length, 1.0)[:, None]
    normals[length == 0] = (0.0, 0.0, 1.0)
    return normals.astype(np.float32)
