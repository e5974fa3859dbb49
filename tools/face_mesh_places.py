"""From MediaPipe's points on pictures of heads to places on the head's surface, and 106 of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dasl.head.landmark_sets import IRIS_478, LandmarkSet
from dasl.head.mesh import vertex_normals
from dasl.head.morphable_model import MorphableModel
from eval.meshes.nearest import nearest_places
from eval.meshes.rays import cast_along_z

LEAST_FACING = 0.25
"""Surface turned further away than this cosine gives no place: rays graze it."""
POINTS = 478
PUPILS = (468, 473)
EYE_CORNERS = (33, 263)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A head at rest drawn from one side.

    Attributes:
        person: whose head.
        yaw_deg: side.
        vertices_image: (V, 3) of the model, pixels of the picture.
        picture: its file.
    """

    person: str
    yaw_deg: float
    vertices_image: np.ndarray
    picture: Path


@dataclass(frozen=True, eq=False)
class Seen:
    """Where the rays through one picture's points meet the surface, on the mean head.

    Attributes:
        points: (478, 3) metres, NaN where a ray meets nothing.
        weight: (478,) squared cosine between ray and surface; 0 there.
    """

    points: np.ndarray
    weight: np.ndarray


def seen_on_mean(model: MorphableModel, view: Drawn, points_image: np.ndarray) -> Seen:
    """Rays of the irises meet the eyeballs alone, all others the skin alone."""
    points, weight = np.full((POINTS, 3), np.nan), np.zeros(POINTS)
    for triangles, rows in _surfaces(model):
        hits = cast_along_z(view.vertices_image, triangles, points_image[rows, :2].astype("f4"))
        hit = np.flatnonzero(hits.hit)
        corners = triangles[hits.triangle[hit]]
        mean = model.mean_vertices[corners].astype(np.float64)
        # left-handed frame: the winding of outward triangles is reversed
        normals = vertex_normals(view.vertices_image, triangles[:, [0, 2, 1]])
        bary = hits.barycentric[hit][..., None]
        facing = (normals[corners] * bary).sum(axis=1)[:, 2]
        good = facing > LEAST_FACING
        where = np.asarray(rows)[hit[good]]
        points[where] = (mean * bary).sum(axis=1)[good]
        weight[where] = facing[good] ** 2
    return Seen(points, weight)


def placed(model: MorphableModel, seen: list[Seen]) -> LandmarkSet:
    """The mean over pictures, made symmetric, at the nearest points of the surface."""
    points = np.nan_to_num(np.stack([one.points for one in seen]))
    weight = np.stack([one.weight for one in seen])
    total = weight.sum(axis=0)
    mean = (np.nan_to_num(points) * weight[..., None]).sum(axis=0) / np.maximum(total, 1e-9)[
        :, None
    ]
    mirror = mean * (-1.0, 1.0, 1.0)
    partner = np.linalg.norm(mirror[:, None] - mean[None], axis=2).argmin(axis=1)
    mutual = partner[partner] == np.arange(POINTS)
    mean[mutual] = (mean[mutual] + mirror[partner[mutual]]) / 2
    if not (total > 0).all():
        raise SystemExit(f"no ray met the surface for points {np.flatnonzero(total == 0)}")
    vertices, weights = np.zeros((POINTS, 3), dtype=np.int64), np.zeros((POINTS, 3), np.float32)
    for triangles, rows in _surfaces(model):
        places = nearest_places(model.mean_vertices, triangles, mean[rows])
        vertices[rows], weights[rows] = places.corners, places.weights
    return LandmarkSet(vertices, weights)


def _surfaces(model: MorphableModel) -> list[tuple[np.ndarray, list[int]]]:
    triangles = model.triangles
    eyeballs, skin = (model.region(name)[triangles].all(axis=1) for name in ("eyeballs", "skin"))
    others = [point for point in range(POINTS) if point not in IRIS_478]
    return [(triangles[eyeballs], list(IRIS_478)), (triangles[skin], others)]


def error(points: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(478,) distances in the picture, as a share of the outer eye corners' distance."""
    size = np.linalg.norm(wanted[EYE_CORNERS[0], :2] - wanted[EYE_CORNERS[1], :2])
    return np.linalg.norm(points[:, :2] - wanted[:, :2], axis=1) / size


# The 106 points in JD-landmark order. Known from its publication and drawings: 33 points of the
# outline, two brows of nine, 15 of the nose, eyes of nine with pupil, mouth of 20. Inferred from
# drawings: which points of the lower brow and the wings of the nose are meant.
LOWER_BROWS_478 = ((46, 53, 52, 65), (295, 282, 283, 276))
EYE_MIDDLES_478 = ((159, 145), (386, 374))
NOSE_SIDES_478 = (193, 417, 198, 420, 129, 358)


def points106(model: MorphableModel, mesh: LandmarkSet) -> LandmarkSet:
    """The 106 points: outline, brows, nose, eyes and mouth of the 68, the rest of the 478."""
    mean = model.mean_vertices.astype(np.float64)
    ibug, dense = model.landmarks68_of(mean), mesh.of(mean)
    jaw = ibug[:17]
    outline = np.empty((33, 3))
    outline[::2], outline[1::2] = jaw, (jaw[:-1] + jaw[1:]) / 2
    left, right = EYE_MIDDLES_478
    wanted = [
        *outline,
        *ibug[17:27],  # 33..42 upper edges of the brows
        *ibug[27:36],  # 43..51 bridge and base of the nose
        *ibug[36:48],  # 52..63 eyes
        *dense[list(LOWER_BROWS_478[0])],  # 64..67
        *dense[list(LOWER_BROWS_478[1])],  # 68..71
        *dense[[left[0], left[1], PUPILS[0]]],  # 72..74: top, bottom, pupil
        *dense[[right[0], right[1], PUPILS[1]]],  # 75..77
        *dense[list(NOSE_SIDES_478)],  # 78..83
        *ibug[48:68],  # 84..103 mouth
        *dense[list(PUPILS)],  # 104, 105
    ]
    places = nearest_places(mean, _surfaces(model)[1][0], np.array(wanted))
    vertices, weights = places.corners.copy(), places.weights.astype(np.float32)
    for row, point in ((74, 0), (77, 1), (104, 0), (105, 1)):
        vertices[row], weights[row] = mesh.vertices[PUPILS[point]], mesh.weights[PUPILS[point]]
    for rows, points in ((range(33, 64), range(17, 48)), (range(84, 104), range(48, 68))):
        vertices[list(rows)] = model.landmarks68_vertices[list(points)]
        weights[list(rows)] = model.landmarks68_weights[list(points)]
    vertices[:33:2], weights[:33:2] = (
        model.landmarks68_vertices[:17],
        model.landmarks68_weights[:17],
    )
    return LandmarkSet(vertices, weights)
