"""Pictures: the landmarks, or the dense surface, drawn on the photo. Arrays in, arrays out."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import torch
from scipy.spatial import cKDTree

from dasl.errors import check_shape
from dasl.face import Face
from dasl.mesh import FloatArray, vertex_normals
from dasl.morphable_model import MorphableModel
from eval.rays import cast_along_z

RgbImage = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

_LINES: tuple[tuple[slice, bool, Colour], ...] = (
    (slice(0, 17), False, (92, 200, 255)),  # jaw
    (slice(17, 22), False, (255, 196, 84)),  # brows
    (slice(22, 27), False, (255, 196, 84)),
    (slice(27, 31), False, (140, 235, 150)),  # nose
    (slice(31, 36), False, (140, 235, 150)),
    (slice(36, 42), True, (255, 140, 200)),  # eyes
    (slice(42, 48), True, (255, 140, 200)),
    (slice(48, 60), True, (255, 110, 100)),  # lips
    (slice(60, 68), True, (255, 110, 100)),
)
"""The 68 iBUG landmarks as lines: which points, whether closed, RGB."""

_SHOWN_REGIONS = ("face", "eyeballs", "teeth", "tongue", "inner_mouth")
_BEHIND_OPENING_M = 0.012
_SUBPIXEL_BITS = 4
_RENDER_SIDE = 320
"""Longer side of the window that is rendered, pixels; then it is resized to the photo's pixels."""
_FINEST_STEP = 0.5
_CLAY = np.array([205.0, 222.0, 238.0])
_LIGHT = np.array([-0.40, -0.55, 0.73])  # image frame: from above, a little from the left
_AMBIENT = 0.28
_OPACITY = 0.86
_EDGE_FADE_M = 0.006
"""Width of the soft border of the face region."""


def draw_landmarks(photo: RgbImage, faces: Sequence[Face]) -> RgbImage:
    """Copy of the photo with each face's 68 landmarks as points and lines.

    Args:
        photo: (H, W, 3) uint8 RGB.
        faces: found on this photo.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    check_shape("photo", photo, "H", "W", 3)
    picture = np.ascontiguousarray(photo).copy()
    for face in faces:
        extent = float(np.ptp(face.landmarks[:, :2], axis=0).max())
        thickness = max(1, round(extent / 180))
        points = np.round(face.landmarks[:, :2] * 2**_SUBPIXEL_BITS).astype(np.int32)
        for chosen, is_closed, colour in _LINES:
            line = [points[chosen]]
            cv2.polylines(picture, line, is_closed, colour, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)
        radius = round(max(1.0, extent / 120) * 2**_SUBPIXEL_BITS)
        for x, y in points.tolist():
            white = (255, 255, 255)
            cv2.circle(picture, (x, y), radius, white, cv2.FILLED, cv2.LINE_AA, _SUBPIXEL_BITS)
    return picture


def draw_dense_mesh(photo: RgbImage, faces: Sequence[Face]) -> RgbImage:
    """Copy of the photo with the dense surface of each face region shaded in place.

    Args:
        photo: (H, W, 3) uint8 RGB.
        faces: found on this photo; the nearer ones, which are larger, cover the others.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    check_shape("photo", photo, "H", "W", 3)
    picture = np.ascontiguousarray(photo).copy()
    for face in sorted(faces, key=lambda face: face.pose.scale):
        _draw_surface(picture, face)
    return picture


def _draw_surface(picture: RgbImage, face: Face) -> None:
    """Shades one face into `picture`."""
    share = _face_share(face)
    inside = share > 0
    low = np.floor(face.vertices[inside, :2].min(axis=0)).astype(int)
    high = np.ceil(face.vertices[inside, :2].max(axis=0)).astype(int) + 1
    low, high = np.maximum(low, 0), np.minimum(high, picture.shape[1::-1])
    width, height = high - low
    if width <= 0 or height <= 0:
        return
    shaded, opacity = _shaded(face, share, low, (int(width), int(height)))
    part = picture[low[1] : high[1], low[0] : high[0]]
    part[:] = (part + opacity * (shaded - part) + 0.5).astype(np.uint8)


def _shaded(
    face: Face, share: FloatArray, corner: npt.NDArray[np.int_], size: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """Colours (h, w, 3) and opacity (h, w, 1) of the surface in a window of the photo."""
    step = max(_FINEST_STEP, max(size) / _RENDER_SIDE)
    columns, rows = (int(np.ceil(side / step)) for side in size)
    y, x = np.mgrid[0:rows, 0:columns]
    grid = (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) * step - 0.5 + corner
    # left-handed frame: outward triangles of the model, wound the other way
    normals = vertex_normals(face.vertices, face.triangles[:, [0, 2, 1]])
    hits = cast_along_z(face.vertices, face.triangles, grid)
    values = np.concatenate([normals, share[:, None]], axis=1)
    corners = values[face.triangles[np.maximum(hits.triangle, 0)]]
    at_pixel = (corners * hits.barycentric[..., None]).sum(axis=1)
    normal = at_pixel[:, :3] / np.linalg.norm(at_pixel[:, :3], axis=1, keepdims=True).clip(1e-6)
    colours = _shade(normal).reshape(rows, columns, 3)
    opacity = (_OPACITY * at_pixel[:, 3].clip(0.0, 1.0)).reshape(rows, columns)
    layers = np.concatenate([colours, opacity[..., None]], axis=2).astype(np.float32)
    method = cv2.INTER_AREA if step < 1 else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(layers, size, interpolation=method), dtype=np.float32)
    return resized[..., :3], resized[..., 3:]


def _shade(normal: FloatArray) -> FloatArray:
    """Clay under one light, with a soft highlight: (N, 3) unit normals to RGB in 0..255."""
    light = _LIGHT / np.linalg.norm(_LIGHT)
    half_way = light + np.array([0.0, 0.0, 1.0])
    half_way /= np.linalg.norm(half_way)
    diffuse = (normal @ light).clip(0.0, 1.0)
    highlight = (normal @ half_way).clip(0.0, 1.0) ** 40
    shade = (_AMBIENT + (1.0 - _AMBIENT) * diffuse)[:, None] * _CLAY + 40.0 * highlight[:, None]
    return shade.clip(0.0, 255.0).astype(np.float32)


def _face_share(face: Face) -> FloatArray:
    """1 inside the face region, falling to 0 at its border: (D,)."""
    share = torch.from_numpy(_base_share(face.model)).to(face.model.mean_vertices)
    dense = face.model.subdivide(share[:, None].expand(-1, 3).contiguous())
    return dense[:, 0].float().numpy()


@lru_cache(maxsize=4)
def _base_share(model: MorphableModel) -> FloatArray:
    """As above for the undivided surface, by distance on the mean head: (V,)."""
    mean = model.mean_vertices.numpy()
    shown = np.any([model.region(name).numpy() for name in _SHOWN_REGIONS], axis=0)
    for opening in ("eyes", "lips"):  # the skin behind them belongs to the face, too
        distance, _ = cKDTree(mean[model.region(opening).numpy()]).query(mean)
        shown |= distance < _BEHIND_OPENING_M
    distance, _ = cKDTree(mean[~shown]).query(mean)
    return np.where(shown, distance / _EDGE_FADE_M, 0.0).clip(0.0, 1.0).astype(np.float32)
