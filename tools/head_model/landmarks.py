"""Landmarks as barycentric points on the head's surface, from positions on the mean head."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from trimesh.triangles import closest_point

from dasl.head.morphable_model import MorphableModel

POSITIONS_FILE = Path(__file__).parent / "landmarks.json"
# iBUG numbers (0-based) on the inner rims of the lips.
UPPER_INNER_LIP = (61, 62, 63)
LOWER_INNER_LIP = (65, 66, 67)
# Rows of AFLW's 21 points.
AFLW_EYE_CENTRES = (7, 10)
AFLW_MOUTH_CENTRE = 18
# Triangles tried for each point: those with the nearest centres.
CANDIDATES = 200


@dataclass(frozen=True)
class SurfacePoints:
    """Points that move with a mesh: weighted means of three vertices.

    Attributes:
        vertices: (L, 3) int64, corners of the triangle that each point lies in; but see
            `snap_aflw21`.
        weights: (L, 3) float64, barycentric, sum 1.
    """

    vertices: NDArray[np.int64]
    weights: NDArray[np.float64]

    def of(self, mesh_vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions on a mesh of the same topology: (L, 3)."""
        return np.einsum("lk,lkc->lc", self.weights, mesh_vertices[self.vertices])


def read_positions(path: Path = POSITIONS_FILE) -> dict[str, NDArray[np.float64]]:
    """`ibug68` (68, 3) and `aflw21` (21, 3): decimetres on the mean adult, MakeHuman frame."""
    return {name: np.array(rows) for name, rows in json.loads(path.read_text()).items()}


def place_landmarks(
    positions: dict[str, NDArray[np.float64]],
    mesh_vertices: NDArray[np.float64],
    triangles: NDArray[np.int64],
    regions: dict[str, NDArray[np.bool_]],
    jaw_motion: NDArray[np.float64],
) -> tuple[SurfacePoints, SurfacePoints]:
    """The 68 and the 21 points on the surface.

    Args:
        positions: as from `read_positions`, in the mesh's frame and unit.
        mesh_vertices: (V, 3).
        triangles: (T, 3).
        regions: name -> (V,) mask; `face`, `ears` and `eyeballs` are used: a corner of an eye lies
            on the outer skin, not in the socket behind it.
        jaw_motion: (V,) length of the jawOpen offset; large on the lower lip.
    """

    def surface(*names: str) -> NDArray[np.int64]:
        inside = np.logical_or.reduce([regions[name] for name in names])
        return triangles[inside[triangles].all(axis=1)]

    ibug68 = snap_ibug68(positions["ibug68"], mesh_vertices, surface("face"), jaw_motion)
    aflw21 = snap_aflw21(
        positions["aflw21"],
        mesh_vertices,
        surface("face", "ears"),
        surface("eyeballs"),
        ibug68,
    )
    return ibug68, aflw21


def with_positions(
    model: MorphableModel,
    positions: dict[str, NDArray[np.float64]],
    mesh_vertices: NDArray[np.float64],
) -> MorphableModel:
    """A head with landmarks where `positions` lie on any mesh (V, 3) of its topology."""
    jaw_open = model.expression_basis[model.expression_names.index("jawOpen")]
    regions = {name: model.region(name) for name in ("face", "ears", "eyeballs")}
    ibug68, aflw21 = place_landmarks(
        positions, mesh_vertices, model.triangles, regions, np.linalg.norm(jaw_open, axis=1)
    )
    return model.with_landmarks(
        ibug68.vertices,
        ibug68.weights.astype(np.float32),
        aflw21.vertices,
        aflw21.weights.astype(np.float32),
    )


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


def snap_aflw21(
    positions: NDArray[np.float64],
    mesh_vertices: NDArray[np.float64],
    skin_triangles: NDArray[np.int64],
    eyeball_triangles: NDArray[np.int64],
    ibug68: SurfacePoints,
) -> SurfacePoints:
    """As `snap`, with eye centres on the eyeballs and the mouth's centre between the lips."""
    points = snap(positions, mesh_vertices, skin_triangles)
    eyes = snap(positions[list(AFLW_EYE_CENTRES)], mesh_vertices, eyeball_triangles)
    points.vertices[list(AFLW_EYE_CENTRES)] = eyes.vertices
    points.weights[list(AFLW_EYE_CENTRES)] = eyes.weights
    upper, lower = (_main_vertex(ibug68, lip[1]) for lip in (UPPER_INNER_LIP, LOWER_INNER_LIP))
    points.vertices[AFLW_MOUTH_CENTRE] = (upper, lower, lower)
    points.weights[AFLW_MOUTH_CENTRE] = (0.5, 0.5, 0.0)
    return points


def _main_vertex(points: SurfacePoints, row: int) -> int:
    return int(points.vertices[row][points.weights[row].argmax()])


def _barycentric(corners: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    solution = np.linalg.lstsq(
        np.vstack([corners.T, np.ones(3)]), np.append(point, 1.0), rcond=None
    )[0]
    clipped = np.clip(solution, 0.0, 1.0)
    return clipped / clipped.sum()
