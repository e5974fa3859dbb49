"""A head of known colours, photographed by rays before a green wall, and the face made of it."""

from functools import cache, lru_cache

import numpy as np

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.morphable_model import MorphableModel
from dasl.reconstruction.face import Face, faces_from_coefficients
from eval.meshes.rays import cast_along_z, pixel_grid

SIDE = 450
WALL = (0, 255, 0)


@lru_cache(maxsize=1)
def head_model() -> MorphableModel:
    return MorphableModel.load()


def coefficients(
    yaw_deg: float = 0.0, weights: dict[str, float] | None = None, centre_px: float = 225.0
) -> Coefficients:
    """The mean head, about 280 pixels high in a photo of 450."""
    model = head_model()
    expression = np.zeros((1, model.expression_count), dtype=np.float32)
    for name, weight in (weights or {}).items():
        expression[0, model.expression_names.index(name)] = weight
    pose = Pose(
        rotation=rotation_from_euler_deg(np.array([[yaw_deg, 5.0, 3.0]], dtype=np.float32)),
        scale=np.array([1000.0], dtype=np.float32),
        translation=np.array([[centre_px, 225.0]], dtype=np.float32),
    )
    return Coefficients(pose, np.zeros((1, model.identity_count), dtype=np.float32), expression)


def paint() -> np.ndarray:
    """(V, 3) colours of skin, light and dark, smooth and the same left and right."""
    mean = head_model().mean_vertices
    light = 170 + 40 * np.sin(mean[:, 1] * 60) + 20 * np.sin(mean[:, 2] * 50)
    green = 0.68 * light + 5 * np.cos(np.abs(mean[:, 0]) * 70)
    return np.stack([light, green, 0.62 * light], axis=1)


def photograph(found: Coefficients) -> np.ndarray:
    """(450, 450, 3) uint8, flat light."""
    model = head_model()
    vertices = image_from_model(model.vertices(found.identity, found.expression), found.pose)
    triangles = model.triangles
    hits = cast_along_z(vertices[0], triangles, pixel_grid(SIDE, SIDE))
    photo = np.tile(np.array(WALL, dtype=np.float64), (SIDE * SIDE, 1))
    corners = paint()[triangles[hits.triangle[hits.hit]]]
    photo[hits.hit] = (corners * hits.barycentric[hits.hit][..., None]).sum(axis=1)
    return photo.round().astype(np.uint8).reshape(SIDE, SIDE, 3)


def painted_face(yaw_deg: float = 0.0, weights: dict[str, float] | None = None) -> Face:
    """One face for all who ask, so that its textures are baked once: do not change it."""
    return _painted_face(yaw_deg, tuple(sorted((weights or {}).items())))


@cache
def _painted_face(yaw_deg: float, weights: tuple[tuple[str, float], ...]) -> Face:
    found = coefficients(yaw_deg, dict(weights))
    box = np.array([[120.0, 110.0, 330.0, 380.0]])
    return faces_from_coefficients(head_model(), photograph(found), found, box, [0.8])[0]
