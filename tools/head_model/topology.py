"""Cuts the head from the body mesh and builds texture layout, mirror map and subdivision."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tools.head_model.source import HEAD_GROUPS, BaseMesh

# The collar: quads above this height, rising with the distance from the neck's axis (decimetres,
# measured on the adult mean head).
COLLAR_HEIGHT_DM = 5.55
COLLAR_SLOPE = 0.9
NECK_RADIUS_DM = 0.75
# The finished head ends at a plane, higher at the nape than at the throat: y = height + tilt * z.
RIM_HEIGHT_DM = 5.80
RIM_TILT = -0.15
# Open borders this close to the plane are the rim; eyelids, teeth and tongue also have borders.
RIM_BAND_DM = 0.3

# Position of each UV island, as u0, v0, u1, v1 of its box in the head's texture. The head's front
# gets most of the space; "turn" rotates it upright.
UV_BOXES = {
    "head": (0.005, 0.465, 0.995, 0.995),
    "neck": (0.005, 0.235, 0.495, 0.455),
    "mouth_cavity": (0.505, 0.235, 0.745, 0.455),
    "eye_socket_left": (0.755, 0.325, 0.870, 0.455),
    "eye_socket_right": (0.880, 0.325, 0.995, 0.455),
    "tongue": (0.755, 0.235, 0.845, 0.315),
    "upper_teeth": (0.855, 0.280, 0.995, 0.315),
    "lower_teeth": (0.855, 0.235, 0.995, 0.270),
    "eye_left_front": (0.005, 0.005, 0.225, 0.225),
    "eye_right_front": (0.235, 0.005, 0.455, 0.225),
    "eye_left_back": (0.465, 0.125, 0.565, 0.225),
    "eye_right_back": (0.575, 0.125, 0.675, 0.225),
}
TURNED_ISLANDS = ("head",)


@dataclass(frozen=True)
class HeadTopology:
    """The shape-independent data of the head's mesh.

    Attributes:
        kept: (V,) indices of the head's vertices in the body mesh.
        quads: (F, 4) into the kept vertices, outward (counter-clockwise seen from outside).
        groups: (F,) str, MakeHuman group of each quad.
        mirror: (V,) left/right partner.
        uv: (U, 2), v up; uv_vertex: (U,) kept vertex of each; uv_quads: (F, 4) into `uv`.
        islands: (F,) str, UV island of each quad.
    """

    kept: NDArray[np.int64]
    quads: NDArray[np.int64]
    groups: NDArray[np.str_]
    mirror: NDArray[np.int64]
    uv: NDArray[np.float64]
    uv_vertex: NDArray[np.int64]
    uv_quads: NDArray[np.int64]
    islands: NDArray[np.str_]


def triangles_from_quads(quads: NDArray[np.int64]) -> NDArray[np.int64]:
    """(F, 4) quads to (2 F, 3) triangles, quad by quad, same winding."""
    return np.stack([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], axis=1).reshape(-1, 3)


def cut_head(mesh: BaseMesh, adult: NDArray[np.float64]) -> HeadTopology:
    """Keep the head down to the collar, with eyeballs, teeth and tongue.

    Args:
        mesh: the whole-body mesh.
        adult: (19158, 3) vertices of the mean adult, decimetres: where the collar is measured.
    """
    corners = adult[mesh.quads]
    collar = COLLAR_HEIGHT_DM + COLLAR_SLOPE * np.maximum(
        np.abs(corners[..., 0]) - NECK_RADIUS_DM, 0
    )
    inside = np.isin(mesh.groups, HEAD_GROUPS) & (corners[..., 1] > collar).all(axis=1)
    kept, quads = np.unique(mesh.quads[inside], return_inverse=True)
    number = np.full(len(mesh.vertices), -1)
    number[kept] = np.arange(len(kept))
    uv_quads_body = mesh.uv_quads[inside]
    groups = mesh.groups[inside]
    islands = _name_islands(mesh, uv_quads_body, groups)
    used, uv_quads = np.unique(uv_quads_body, return_inverse=True)
    uv_quads = uv_quads.reshape(-1, 4)
    quads = quads.reshape(-1, 4)
    uv_vertex = np.empty(len(used), dtype=np.int64)
    uv_vertex[uv_quads.ravel()] = quads.ravel()
    return HeadTopology(
        kept=kept,
        quads=quads,
        groups=groups,
        mirror=number[mesh.mirror[kept]],
        uv=_pack_islands(mesh.uv[used], uv_quads, islands),
        uv_vertex=uv_vertex,
        uv_quads=uv_quads,
        islands=islands,
    )


def trim_collar(
    topology: HeadTopology, adult: NDArray[np.float64]
) -> tuple[HeadTopology, NDArray[np.int64], NDArray[np.float64]]:
    """End the neck at a plane instead of the steps of `cut_head`.

    Args:
        topology: the cut head.
        adult: (V, 3) its vertices on the mean adult, decimetres.

    Returns:
        The trimmed head, the indices of its vertices in `topology`, and the height by which each is
        to be raised so that the rim lies in the plane: (V',) decimetres, 0 elsewhere.
    """
    above = adult[:, 1] - RIM_HEIGHT_DM - RIM_TILT * adult[:, 2]
    trimmed, rows = _restricted(topology, above[topology.quads].mean(axis=1) > 0)
    neck = above[rows] < RIM_BAND_DM
    sides = np.stack([trimmed.quads, np.roll(trimmed.quads, -1, axis=1)], axis=-1).reshape(-1, 2)
    edges, uses = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)
    on_rim = np.zeros(len(rows), dtype=bool)
    on_rim[edges[uses == 1]] = True
    return trimmed, rows, np.where(on_rim & neck, -above[rows], 0.0)


def _restricted(
    topology: HeadTopology, inside: NDArray[np.bool_]
) -> tuple[HeadTopology, NDArray[np.int64]]:
    """Some quads of a head and the vertices that they use."""
    rows, quads = np.unique(topology.quads[inside], return_inverse=True)
    number = np.full(len(topology.kept), -1)
    number[rows] = np.arange(len(rows))
    used, uv_quads = np.unique(topology.uv_quads[inside], return_inverse=True)
    trimmed = HeadTopology(
        kept=topology.kept[rows],
        quads=quads.reshape(-1, 4),
        groups=topology.groups[inside],
        mirror=number[topology.mirror[rows]],
        uv=topology.uv[used],
        uv_vertex=number[topology.uv_vertex[used]],
        uv_quads=uv_quads.reshape(-1, 4),
        islands=topology.islands[inside],
    )
    return trimmed, rows


def _name_islands(
    mesh: BaseMesh, uv_quads: NDArray[np.int64], groups: NDArray[np.str_]
) -> NDArray[np.str_]:
    """Connected pieces of the UV map, named by group, size and place."""
    edges = np.concatenate([uv_quads[:, [i, (i + 1) % 4]] for i in range(4)])
    shape = (len(mesh.uv), len(mesh.uv))
    graph = sparse.coo_matrix((np.ones(len(edges)), tuple(edges.T)), shape=shape)
    label = sparse.csgraph.connected_components(graph)[1][uv_quads[:, 0]]
    names = np.empty(len(uv_quads), dtype="<U20")
    for piece in np.unique(label):
        quads = label == piece
        names[quads] = _island_name(groups[quads][0], mesh.uv[uv_quads[quads]].reshape(-1, 2))
    return names


def _island_name(group: str, uv: NDArray[np.float64]) -> str:
    """MakeHuman's layout: head at the right, eye sockets at the left, neck at the top."""
    u, v = uv.mean(axis=0)
    if group != "body":
        if group.endswith("-eye"):
            side = "left" if group == "helper-l-eye" else "right"
            return f"eye_{side}_{'front' if v < 0.945 else 'back'}"
        return group.removeprefix("helper-").replace("-", "_")
    if v > 0.83:
        return "neck"
    if u < 0.2:
        return "eye_socket_left" if u < 0.08 else "eye_socket_right"
    return "mouth_cavity" if v < 0.14 else "head"


def _pack_islands(
    uv: NDArray[np.float64], uv_quads: NDArray[np.int64], islands: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Scale each island, keeping its aspect ratio, into its box of `UV_BOXES`."""
    packed = np.empty_like(uv)
    for name in np.unique(islands):
        members = np.unique(uv_quads[islands == name])
        points = uv[members]
        if name in TURNED_ISLANDS:
            points = np.stack([points[:, 1], -points[:, 0]], axis=1)
        low, high = points.min(axis=0), points.max(axis=0)
        box = np.array(UV_BOXES[str(name)]).reshape(2, 2)
        scale = ((box[1] - box[0]) / (high - low)).min()
        packed[members] = box.mean(axis=0) + scale * (points - (low + high) / 2)
    return packed


def subdivision_operator(
    quads: NDArray[np.int64], vertex_count: int
) -> tuple[sparse.csr_matrix, NDArray[np.int64]]:
    """One Catmull-Clark step as a linear operator.

    Source: Catmull and Clark 1978, with the usual rule for open borders: border edges take their
    midpoint, border vertices 3/4 of themselves and 1/8 of each border neighbour.

    Returns:
        (D, V) sparse operator, rows ordered vertices, edges, faces; (4 F, 4) quads of the result.
    """
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1)
    edges, edge_of_side, uses = np.unique(
        np.sort(sides.reshape(-1, 2), axis=1), axis=0, return_inverse=True, return_counts=True
    )
    edge_of_side = edge_of_side.reshape(-1, 4)
    border = uses == 1
    quad_of_corner = np.repeat(np.arange(len(quads)), 4)
    edge_of_end = np.repeat(np.arange(len(edges)), 2)
    face_points = _rows(quad_of_corner, quads.ravel(), len(quads), vertex_count) / 4
    midpoints = _rows(edge_of_end, edges.ravel(), len(edges), vertex_count) / 2
    faces_of_edge = _rows(edge_of_side.ravel(), quad_of_corner, len(edges), len(quads))
    inner = sparse.diags((~border).astype(float))
    edge_points = sparse.diags(np.where(border, 1.0, 0.5)) @ midpoints
    edge_points = edge_points + inner @ faces_of_edge @ face_points / 4
    vertex_points = _vertex_points(quads, edges, border, midpoints, face_points, vertex_count)
    operator = sparse.vstack([vertex_points, edge_points, face_points]).tocsr()
    edge_index = vertex_count + edge_of_side
    face_index = vertex_count + len(edges) + np.arange(len(quads))
    fine = np.stack(
        [
            quads,
            edge_index,
            np.repeat(face_index[:, None], 4, axis=1),
            np.roll(edge_index, 1, axis=1),
        ],
        axis=-1,
    )
    return operator, fine.reshape(-1, 4)


def _rows(
    row: NDArray[np.int64], column: NDArray[np.int64], rows: int, columns: int
) -> sparse.csr_matrix:
    return sparse.coo_matrix((np.ones(len(row)), (row, column)), shape=(rows, columns)).tocsr()


def _vertex_points(
    quads: NDArray[np.int64],
    edges: NDArray[np.int64],
    border: NDArray[np.bool_],
    midpoints: sparse.csr_matrix,
    face_points: sparse.csr_matrix,
    vertex_count: int,
) -> sparse.csr_matrix:
    """Inner vertices: (F + 2 R + (n - 3) P) / n; border vertices as in the docstring above."""
    faces_at = _rows(quads.ravel(), np.repeat(np.arange(len(quads)), 4), vertex_count, len(quads))
    edges_at = _rows(edges.ravel(), np.repeat(np.arange(len(edges)), 2), vertex_count, len(edges))
    valence = np.asarray(edges_at.sum(axis=1)).ravel()
    on_border = np.zeros(vertex_count, dtype=bool)
    on_border[edges[border]] = True
    inner = np.where(on_border, 0.0, 1.0 / valence)
    points = sparse.diags(inner / valence) @ faces_at @ face_points
    points = points + sparse.diags(2 * inner / valence) @ edges_at @ midpoints
    points = points + sparse.diags(inner * (valence - 3))
    border_edges = edges_at @ sparse.diags(border.astype(float)) @ midpoints
    smooth_border = sparse.diags(np.where(on_border, 0.25, 0.0)) @ border_edges
    return points + smooth_border + sparse.diags(np.where(on_border, 0.5, 0.0))
