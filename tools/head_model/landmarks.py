"""Landmarks as barycentric points on the head's surface, from positions on the mean head."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from trimesh.triangles import closest_point

POSITIONS_FILE = Path(__file__).parent / "landmarks.json"
# iBUG numbers (0-based) on the inner rims of the lips.
UPPER_INNER_LIP = (61, 62, 63)
LOWER_INNER_LIP = (65, 66, 67)
# Triangles tried for each point: those with the nearest centres.
CANDIDATES = 200


@dataclass(frozen=True)
class SurfacePoints:
    """Points that move with a mesh.

    Attributes:
        vertices: (L, 3) int64, corners of the triangle that each point lies in.
        weights: (L, 3) float64, barycentric, sum 1.
    """

    vertices: NDArray[np.int64]
    weights: NDArray[np.float64]

    def of(self, mesh_vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions on a mesh of the same topology: (L, 3)."""
        return np.einsum("lk,lkc->lc", self.weights, mesh_vertices[self.vertices])


def read_positions() -> dict[str, NDArray[np.float64]]:
    """`ibug68` (68, 3) and `aflw21` (21, 3): decimetres on the mean adult, MakeHuman frame."""
    return {name: np.array(rows) for name, rows in json.loads(POSITIONS_FILE.read_text()).items()}


def snap(
    positions: NDArray[np.float64],
    mesh_vertices: NDArray[np.float64],
    triangles: NDArray[np.int64],
) -> SurfacePoints:
    """Nearest surface point of each position.

    Args:
        positions: (L, 3).
        mesh_vertices: (V, 3), same frame and unit.
        triangles: (T, 3), the part of the surface on which points may lie.
    """
    corners = mesh_vertices[triangles]
    centres = corners.mean(axis=1)
    chosen, weights = [], []
    for position in positions:
        near = np.argsort(((centres - position) ** 2).sum(axis=1))[:CANDIDATES]
        points = closest_point(corners[near], np.repeat(position[None], len(near), axis=0))
        best = int(((points - position) ** 2).sum(axis=1).argmin())
        chosen.append(triangles[near[best]])
        weights.append(_barycentric(corners[near[best]], points[best]))
    return SurfacePoints(vertices=np.array(chosen), weights=np.array(weights))


def snap_ibug68(
    positions: NDArray[np.float64],
    mesh_vertices: NDArray[np.float64],
    skin_triangles: NDArray[np.int64],
    jaw_motion: NDArray[np.float64],
) -> SurfacePoints:
    """As `snap`, with the inner lip points kept on their own lip.

    Args:
        jaw_motion: (V,) length of the jawOpen offset; large on the lower lip.
    """
    moves = jaw_motion[skin_triangles].mean(axis=1) > 0.5 * jaw_motion.max()
    points = snap(positions, mesh_vertices, skin_triangles)
    for lip, on_lip in ((UPPER_INNER_LIP, ~moves), (LOWER_INNER_LIP, moves)):
        rows = np.array(lip)
        lip_points = snap(positions[rows], mesh_vertices, skin_triangles[on_lip])
        points.vertices[rows] = lip_points.vertices
        points.weights[rows] = lip_points.weights
    return points


def _barycentric(corners: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    solution = np.linalg.lstsq(
        np.vstack([corners.T, np.ones(3)]), np.append(point, 1.0), rcond=None
    )[0]
    clipped = np.clip(solution, 0.0, 1.0)
    return clipped / clipped.sum()
