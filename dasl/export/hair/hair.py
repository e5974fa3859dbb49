"""`Hair`: the mesh of a person's hair or hat with its texture, made from one photo."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
import torch
from scipy.spatial import cKDTree

from dasl.arrays import FloatArray, IntArray, RgbImage
from dasl.export.hair.camera import Camera
from dasl.export.hair.colours import hair_texture
from dasl.export.hair.labels import MM_PER_PIXEL, HairLabels, hair_labels
from dasl.export.hair.rays import COLUMNS, ROWS, outermost_radius, ray_field
from dasl.export.hair.shell import Shell, hair_shell, surface_facing
from dasl.export.hair.surroundings import Surroundings
from dasl.geometry.coefficients import Coefficients
from dasl.head.mesh import SplitMesh, vertex_normals
from dasl.head.morphable_model import MorphableModel
from dasl.photo.person import person_share
from dasl.texture.prior import surface_prior
from eval.meshes.rays import cast_along_z, pixel_grid

HAIR_ROUGHNESS = 0.7
_PERSON = 0.5
_FOLLOWS_M = 0.012
_LEAST_MOVE_M = 2e-4


@dataclass(frozen=True, eq=False)
class Hair:
    """Hair or a hat around a head at rest.

    Attributes:
        mesh: model frame, metres; sunk below the skin where it ends.
        moves_with: (U,) vertex of the head model whose expressions move each vertex.
        follows: (U,) in [0, 1], how far.
    """

    mesh: SplitMesh
    moves_with: IntArray
    follows: FloatArray
    _shell: Shell
    _points: FloatArray
    _labels: HairLabels
    _front: FloatArray
    _small: Camera
    _camera: Camera
    _photo: RgbImage

    @cached_property
    def _textures(self) -> dict[int, RgbImage]:
        return {}

    def texture(self, size: int) -> RgbImage:
        """(size / 2, size, 3) uint8 RGB, row 0 at v = 1; kept once made."""
        if size not in self._textures:
            self._textures[size] = hair_texture(
                self._points,
                surface_facing(self._points, self._camera),
                self._shell.present,
                self._front,
                self._labels,
                self._small,
                self._photo,
                self._camera,
                size,
            )
        return self._textures[size]

    def displacements(self, basis: FloatArray) -> FloatArray:
        """What moves the head's vertices, (..., V, 3), carried over to the hair's: (..., U, 3)."""
        moves = basis[..., self.moves_with, :] * self.follows[:, None]
        still = np.abs(moves).max(axis=-1, keepdims=True) < _LEAST_MOVE_M
        return np.where(still, 0.0, moves).astype(np.float32)


def make_hair(
    model: MorphableModel, coefficients: Coefficients, around: Surroundings
) -> Hair | None:
    """The hair of the person on a photo; None where none stands off the head.

    Args:
        model: the head model.
        coefficients: a batch of one; pose in photo pixels.
        around: the photo.
    """
    camera = around.camera(coefficients.pose)
    zoom = 1000.0 / MM_PER_PIXEL / camera.scale[0]
    height, width = around.pixels.shape[:2]
    size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    small = camera.resized(np.array([size[0] / width, size[1] / height]))
    method = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    picture = np.asarray(cv2.resize(around.pixels, size, interpolation=method), dtype=np.uint8)
    person = cv2.resize(person_share(around.pixels), size, interpolation=method) > _PERSON
    identity, expression = (part.to(model.mean_vertices) for part in (coefficients.identity, coefficients.expression))
    shown = model.vertices(identity, expression)[0].numpy()
    labels = hair_labels(model, small.image(shown), small, picture, person)
    rest = model.vertices(identity, torch.zeros_like(expression))[0].numpy()
    parts = _skin(model)
    skin, bare = (outermost_radius(rest, triangles) for triangles in parts)
    base = ray_field().points(skin).reshape(-1, 3)
    is_skin = np.flatnonzero(model.region("skin").numpy())
    nearest = is_skin[cKDTree(rest[is_skin]).query(base)[1]]
    scalp = surface_prior(model).hair[nearest].reshape(ROWS, COLUMNS)
    shell = hair_shell(skin, bare, scalp, labels, small)
    if shell is None:
        return None
    points = ray_field().points(shell.radius)
    front = _front(rest, model.triangles.numpy(), points, small, labels.hair.shape)
    mesh, rows = _mesh(points, shell.present)
    follows = np.exp(-np.maximum(shell.thickness * shell.present, 0.0) / _FOLLOWS_M).ravel()
    return Hair(
        mesh, nearest[rows], follows[rows].astype(np.float32), shell, points, labels, front, small, camera, around.pixels
    )


def _front(rest, triangles, points, small, shape):
    """Depth of head and hair towards the viewer: (h, w) metres."""
    hair = points.reshape(-1, 3)
    corners = np.concatenate([triangles, _wrapped() + len(rest)])
    image = small.image(np.concatenate([rest, hair]))
    hits = cast_along_z(image, corners, pixel_grid(shape[1], shape[0]))
    depth = np.nan_to_num(hits.depth, nan=-1e3).reshape(shape) / small.scale.mean()
    return depth.astype(np.float32)


@lru_cache(maxsize=1)
def _wrapped() -> IntArray:
    number = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    return _quads(number, np.roll(number, -1, axis=1))


def _quads(left: IntArray, right: IntArray) -> IntArray:
    first = np.stack([left[:-1], left[1:], right[1:]], axis=-1)
    second = np.stack([left[:-1], right[1:], right[:-1]], axis=-1)
    return np.stack([first, second], axis=2).reshape(-1, 3)


def _mesh(points: FloatArray, present: FloatArray) -> tuple[SplitMesh, IntArray]:
    """The cells with hair, and those around them; one column twice, and the crown in one point."""
    number = np.arange((ROWS + 1) * (COLUMNS + 1)).reshape(ROWS + 1, COLUMNS + 1)
    rows = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    rows = np.concatenate([rows[:1], rows])
    rows = np.concatenate([rows, rows[:, :1]], axis=1).ravel()
    every = points.reshape(-1, 3)[rows]
    every[: COLUMNS + 1] = points[0].mean(axis=0)
    triangles = _quads(number[:, :-1], number[:, 1:])
    triangles = triangles[~((triangles[:, 0] <= COLUMNS) & (triangles[:, 2] <= COLUMNS))]
    has_hair = (present.ravel() > 0.0)[rows]
    triangles = triangles[has_hair[triangles].any(axis=1)]
    closed = rows.copy()
    closed[: COLUMNS + 1] = ROWS * COLUMNS
    normals = vertex_normals(np.concatenate([points.reshape(-1, 3), every[:1]]), closed[triangles])[closed]
    down = np.concatenate([[0.0], (np.arange(ROWS) + 0.5) / ROWS])
    uv = np.stack(np.broadcast_arrays(np.arange(COLUMNS + 1) / COLUMNS, 1.0 - down[:, None]), axis=-1)
    kept, triangles = np.unique(triangles, return_inverse=True)
    mesh = SplitMesh(
        every[kept], normals[kept], uv.reshape(-1, 2)[kept].astype(np.float32), triangles.reshape(-1, 3)
    )
    return mesh, rows[kept]


@lru_cache(maxsize=2)
def _skin(model: MorphableModel) -> tuple[IntArray, IntArray]:
    """Triangles of the skin with and without ears."""
    triangles, skin = model.triangles.numpy(), model.region("skin").numpy()
    bare = skin & ~model.region("ears").numpy()
    return triangles[skin[triangles].all(axis=1)], triangles[bare[triangles].all(axis=1)]
