"""Ray-cast face regions on a photo: values at pixels, and painting."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from weakref import WeakKeyDictionary

import cv2
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags, identity
from scipy.spatial import cKDTree

from dasl.arrays import FloatArray, RgbImage
from dasl.errors import check_shape
from dasl.head.mesh import vertex_normals
from dasl.head.morphable_model import MorphableModel
from dasl.reconstruction.face import Face
from eval.meshes.rays import RayHits, cast_along_z

INSIDE = 0.5
"""A pixel belongs to the face region from this share on."""

_SHOWN_REGIONS = ("face", "eyeballs", "eye_sockets", "teeth", "tongue", "inner_mouth")
_BEHIND_OPENING_M = 0.012
_SMOOTHING_STEPS = 10
"""Smoothing steps that round the region's border, which otherwise follows triangle edges."""
_FADE = (0.5, 0.9)
"""Range of smoothed membership over which the share of the face region rises from 0 to 1."""
_CRISP_BORDER = 0.2
"""Width of the antialiased border, in shares of the face region."""
_RENDER_SIDE = 480
"""Largest number of rays along the longer side; the result is resized to the photo's pixels."""
_FINEST_STEP = 0.5
_RAYS_AT_ONCE = 1 << 18
_DIMMED = 0.35

_last_hits: "WeakKeyDictionary[Face, tuple[tuple[Window, tuple[int, int]], RayHits]]" = (
    WeakKeyDictionary()
)
"""Face -> window and grid of its last view, and the hits; forgotten with the face."""


@dataclass(frozen=True)
class Window:
    """Part of a photo: first pixel and size, in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class SurfaceView:
    """The hits of a regular grid of rays, over a window of the photo, with one head.

    Attributes:
        face: the head; its dense surface is used.
        window: of the photo.
        shape: rows and columns of the grid.
        hits: of the rays, row by row.
    """

    face: Face
    window: Window
    shape: tuple[int, int]
    hits: RayHits

    def interpolated(self, values: FloatArray) -> FloatArray:
        """Values (D, C) of the dense vertices at the rays: (rows, columns, C); 0 off the head."""
        weights = self.hits.barycentric
        first, second, third = self._corners  # a sum of three rows is several times slower
        at_ray = values[first] * weights[:, :1]
        at_ray += values[second] * weights[:, 1:2]
        at_ray += values[third] * weights[:, 2:]
        return at_ray.reshape(*self.shape, -1).astype(np.float32)

    @cached_property
    def _corners(self) -> npt.NDArray[np.int32]:
        """(3, N) dense vertices of the triangle that each ray hits; any without a hit."""
        return np.ascontiguousarray(self.face.triangles[np.maximum(self.hits.triangle, 0)].T)

    @cached_property
    def share(self) -> FloatArray:
        """1 inside the face region, falling to 0 at its border: (rows, columns)."""
        return self.interpolated(face_share(self.face)[:, None])[..., 0].clip(0.0, 1.0)

    @property
    def crisp_opacity(self) -> FloatArray:
        """1 inside the face region, 0 outside, antialiased: (rows, columns)."""
        return ((self.share - INSIDE) / _CRISP_BORDER + 0.5).clip(0.0, 1.0)

    def paint(self, picture: RgbImage, colours: FloatArray, opacity: FloatArray) -> None:
        """Blend colours (rows, columns, 3) in 0..255 over the window of `picture`, in place.

        Colours are premultiplied by opacity (rows, columns) before resizing, so that colours off
        the surface do not bleed into its border.
        """
        layers = np.dstack([colours * opacity[..., None], opacity]).astype(np.float32)
        size = (self.window.width, self.window.height)
        method = cv2.INTER_AREA if self.shape[1] > size[0] else cv2.INTER_LINEAR
        resized = np.asarray(cv2.resize(layers, size, interpolation=method))
        x, y = self.window.x, self.window.y
        part = picture[y : y + size[1], x : x + size[0]]
        part[:] = (part * (1.0 - resized[..., 3:]) + resized[..., :3] + 0.5).astype(np.uint8)


def surface_views(photo: RgbImage, faces: Sequence[Face]) -> list[SurfaceView]:
    """Views of the face regions inside the photo, in painting order: smaller (farther) first."""
    check_shape("photo", photo, "H", "W", 3)
    views = []
    for face in sorted(faces, key=lambda face: face.pose.scale):
        window = _window(face, photo.shape[:2])
        if window is not None:
            longer = max(window.width, window.height)
            step = max(_FINEST_STEP, longer / _RENDER_SIDE)
            shape = (int(np.ceil(window.height / step)), int(np.ceil(window.width / step)))
            views.append(_cast_once(face, window, shape))
    return views


def surface_map(face: Face, shape: tuple[int, ...], values: FloatArray) -> FloatArray:
    """Values of the dense vertices at the pixels of the photo, one ray per pixel.

    Args:
        face: the head.
        shape: of the photo; its first two entries, rows and columns, count.
        values: (D, C).

    Returns:
        (H, W, C) float32, NaN outside the face region.
    """
    rows, columns = shape[:2]
    at_pixels = np.full((rows, columns, values.shape[1]), np.nan, dtype=np.float32)
    window = _window(face, (rows, columns))
    if window is None:
        return at_pixels
    at_once = max(1, _RAYS_AT_ONCE // window.width)
    bottom = window.y + window.height
    for top in range(window.y, bottom, at_once):
        band = Window(window.x, top, window.width, min(at_once, bottom - top))
        view = _cast(face, band, (band.height, band.width))
        inside = np.where(view.share[..., None] >= INSIDE, view.interpolated(values), np.nan)
        at_pixels[top : top + band.height, window.x : window.x + window.width] = inside
    return at_pixels


def face_share(face: Face) -> FloatArray:
    """1 inside the face region, falling to 0 at its border: (D,)."""
    share = _base_share(face.model)
    return face.model.subdivide(np.repeat(share[:, None], 3, axis=1))[:, 0]


def normals_image(face: Face) -> FloatArray:
    """Unit normals of the dense surface, outward, image frame: (D, 3)."""
    # left-handed frame: the winding of outward triangles is reversed
    return vertex_normals(face.vertices, face.triangles[:, [0, 2, 1]])


def unit(vectors: FloatArray) -> FloatArray:
    """Vectors (..., 3) normalised to length 1; zero vectors stay 0."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(length, 1e-6)).astype(np.float32)


def dimmed(photo: RgbImage) -> RgbImage:
    """Dark grey copy, a background for colour-coded values."""
    grey = cv2.cvtColor(np.ascontiguousarray(photo), cv2.COLOR_RGB2GRAY)
    return np.repeat((grey * _DIMMED).astype(np.uint8)[..., None], 3, axis=2)


def _window(face: Face, shape: tuple[int, ...]) -> Window | None:
    """The face region's window on a photo of (rows, columns); None if it is outside."""
    points = face.vertices[face_share(face) > 0, :2]
    low = np.floor(points.min(axis=0)).clip(0, None)
    high = np.minimum(np.ceil(points.max(axis=0)) + 1, [shape[1], shape[0]])
    if (high <= low).any():
        return None
    (x, y), (width, height) = low.astype(int).tolist(), (high - low).astype(int).tolist()
    return Window(x, y, width, height)


def _cast(face: Face, window: Window, shape: tuple[int, int]) -> SurfaceView:
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    # pixel centres are integers
    x = (columns.ravel() + 0.5) * (window.width / shape[1]) - 0.5 + window.x
    y = (rows.ravel() + 0.5) * (window.height / shape[0]) - 0.5 + window.y
    hits = cast_along_z(face.vertices, face.triangles, np.stack([x, y], axis=1))
    return SurfaceView(face, window, shape, hits)


def _cast_once(face: Face, window: Window, shape: tuple[int, int]) -> SurfaceView:
    """As `_cast`; the hits are kept with the face, for the next picture of it."""
    place, hits = _last_hits.get(face, (None, None))
    if hits is None or place != (window, shape):
        hits = _cast(face, window, shape).hits
        _last_hits[face] = (window, shape), hits
    return SurfaceView(face, window, shape, hits)


@lru_cache(maxsize=4)
def _base_share(model: MorphableModel) -> FloatArray:
    """Share of the undivided surface: (V,)."""
    reference = model.reference_vertices
    shown = np.any([model.region(name) for name in _SHOWN_REGIONS], axis=0)
    # skin behind the lips is part of the face, too
    distance, _ = cKDTree(reference[model.region("lips")]).query(reference)
    smooth = (shown | (distance < _BEHIND_OPENING_M)).astype(np.float32)
    neighbours = _neighbours(model.triangles, len(reference))
    for _ in range(_SMOOTHING_STEPS):
        smooth = neighbours @ smooth
    return ((smooth - _FADE[0]) / (_FADE[1] - _FADE[0])).clip(0.0, 1.0).astype(np.float32)


def _neighbours(triangles: npt.NDArray[np.int64], count: int) -> csr_matrix:
    """(V, V) operator: the mean of each vertex and those that it shares a triangle with."""
    first = triangles[:, [0, 1, 2, 1, 2, 0]].ravel()
    second = triangles[:, [1, 2, 0, 0, 1, 2]].ravel()
    joined = csr_matrix((np.ones(len(first), np.float32), (first, second)), shape=(count, count))
    joined.data[:] = 1.0
    with_self = joined + identity(count, dtype=np.float32, format="csr")
    return diags(1.0 / with_self.sum(axis=1).A1) @ with_self
