"""`Hair`: mesh and texture of a person's hair or hat, from one photo."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from scipy.spatial import cKDTree

from dasl.arrays import FloatArray, IntArray, RgbImage
from dasl.export.hair.camera import Camera
from dasl.export.hair.colours import HairOnPhoto, hair_texture
from dasl.export.hair.labels import (
    MM_PER_PIXEL,
    HairLabels,
    hair_labels,
    with_alike,
)
from dasl.export.hair.march import Marched, march
from dasl.export.hair.parsed import parsed_labels
from dasl.export.hair.rays import COLUMNS, ROWS, outermost_radius, radius_of_part, ray_field
from dasl.export.hair.shell import Shell, hair_shell, is_measurable
from dasl.export.hair.shell_mesh import ring_triangles, shell_mesh
from dasl.export.hair.surroundings import Surroundings
from dasl.geometry.coefficients import Coefficients
from dasl.head.mesh import SplitMesh
from dasl.head.morphable_model import MorphableModel
from dasl.texture.prior import surface_prior
from eval.meshes.rays import cast_along_z, pixel_grid

HAIR_ROUGHNESS = 0.8
_PERSON, _LEAST_SIDE = 0.5, 64
_MOST_PITCH = 0.42
"""Sine of the pitch from which hair is not measured: the outline is then that of the top or of the
neck."""
_FOLLOWS_M = 0.012
"""Hair thickness over which the effect of the skin's expressions decays (by a factor e)."""
_LEAST_MOVE_M = 2e-4
_NOWHERE_M = -1e3


@dataclass(frozen=True, eq=False)
class Hair:
    """Hair or a hat around a neutral head.

    Attributes:
        mesh: model frame, metres; its border lies below the skin.
        moves_with: (U,) for each vertex, the head model's vertex whose motion it follows.
        follows: (U,) in [0, 1], share of that motion.
        on_photo: source of the colours.
    """

    mesh: SplitMesh
    moves_with: IntArray
    follows: FloatArray
    on_photo: HairOnPhoto

    def texture(self, head_size: int) -> RgbImage:
        """The texture beside a head's texture of side `head_size`; cached.

        Returns:
            (side / 2, side, 3) uint8 RGB, row 0 at v = 1; the side is half of `head_size`, at least
            64, since the strands that are visible in a photo are no finer.
        """
        side = max(head_size // 2, _LEAST_SIDE)
        if side not in self._textures:
            self._textures[side] = hair_texture(self.on_photo, side)
        return self._textures[side]

    def displacements(self, basis: FloatArray) -> FloatArray:
        """Transfer displacements of the head's vertices, (E, V, 3), to the hair's: (E, U, 3)."""
        moves = basis[:, self.moves_with] * self.follows[:, None]
        still = np.abs(moves).max(axis=-1, keepdims=True) < _LEAST_MOVE_M
        return np.where(still, 0.0, moves).astype(np.float32)

    @cached_property
    def _textures(self) -> dict[int, RgbImage]:
        return {}


def make_hair(
    model: MorphableModel, coefficients: Coefficients, around: Surroundings
) -> Hair | None:
    """Make the hair of the person on a photo; None if it has no volume or cannot be measured.

    Args:
        model: the head model.
        coefficients: a batch of one; pose in photo pixels.
        around: the part of the photo around the head.
    """
    if not is_upright(coefficients):
        return None
    camera = around.camera(coefficients.pose)
    identity, expression = coefficients.identity, coefficients.expression
    shown = model.vertices(identity, expression)[0]
    rest = model.vertices(identity, np.zeros_like(expression))[0]
    without_ears, ears = _skin(model)
    bare = outermost_radius(rest, without_ears)
    found = _outline(model, shown, bare, around, camera)
    if found is None:
        return None
    labels, small, marched = found
    skin = np.fmax(bare, radius_of_part(rest, ears))
    below = _skin_below(model, rest, skin)
    scalp = surface_prior(model).hair[below]
    shell = hair_shell(skin, bare, scalp, labels, small, marched)
    if shell is None:
        return None
    points = ray_field().points(shell.radius)
    front = _front(points, labels.depth, small)
    mesh, rays = shell_mesh(points, shell.present)
    on_photo = HairOnPhoto(points, shell.present, labels, front, small, around.pixels, camera)
    return Hair(mesh, below.ravel()[rays], _follows(shell).ravel()[rays], on_photo)


def is_upright(coefficients: Coefficients) -> bool:
    """Whether hair can be measured at the pitch of a batch of one."""
    return abs(float(coefficients.pose.rotation[0, 2, 1])) <= _MOST_PITCH


def _outline(
    model: MorphableModel,
    vertices: FloatArray,
    bare: FloatArray,
    around: Surroundings,
    camera: Camera,
) -> tuple[HairLabels, Camera, Marched] | None:
    """Labels on a copy of the photo, its camera, and the lengths of rays; None if there is no hair.

    Without a hair network: if the person's outline is not that of hair around this head, what has
    the hair's colours beside it is taken for hair, too. The other network, which cuts the person
    out, loses hair that the photo's edge cuts off.
    """
    picture, small = small_copy(around, camera)
    share = _resized(around.person, picture.shape[1::-1])
    on_picture = (model, vertices, small, picture)

    def measured(labels: HairLabels) -> tuple[HairLabels, Camera, Marched]:
        return labels, small, march(ray_field().points(bare), labels, small)

    if around.parser is not None:
        found = measured(parsed_labels(*on_picture, share, around.parser))
    else:
        found = measured(hair_labels(*on_picture, share > _PERSON))
        if not is_measurable(found[2], small):
            if (grown := with_alike(found[0], picture)) is None:
                return None
            found = measured(hair_labels(*on_picture, grown))
    return found if is_measurable(found[2], small) else None


def small_copy(around: Surroundings, camera: Camera) -> tuple[RgbImage, Camera]:
    """A copy of the photo with `MM_PER_PIXEL`, and its camera."""
    height, width = around.pixels.shape[:2]
    zoom = 1000.0 / MM_PER_PIXEL / float(camera.scale[0])
    size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    small = camera.resized(np.array([size[0] / width, size[1] / height]))
    return _resized(around.pixels, size), small


def _resized(image: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Resample an image (H, W) or (H, W, 3) to a size (w, h)."""
    method = cv2.INTER_AREA if size[0] < image.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=method))


def _skin_below(model: MorphableModel, rest: FloatArray, skin: FloatArray) -> IntArray:
    """Skin vertex nearest to the point where each ray leaves the skin: (R, C)."""
    is_skin = np.flatnonzero(model.region("skin"))
    _, nearest = cKDTree(rest[is_skin]).query(ray_field().points(skin).reshape(-1, 3))
    return is_skin[nearest].reshape(ROWS, COLUMNS)


def _follows(shell: Shell) -> FloatArray:
    """Share of the skin's motion, 1 at the skin and decaying with thickness: (R, C)."""
    return np.exp(-shell.thickness * shell.present / _FOLLOWS_M).astype(np.float32)


def _front(points: FloatArray, head_depth: FloatArray, camera: Camera) -> FloatArray:
    """Depth of the front surface of head and hair at each pixel: (h, w), metres to the viewer."""
    height, width = head_depth.shape
    image = camera.image(points.reshape(-1, 3))
    hits = cast_along_z(image, ring_triangles(), pixel_grid(width, height))
    depth = hits.depth.reshape(height, width) / float(camera.scale.mean())
    return np.fmax(np.fmax(depth, head_depth), _NOWHERE_M).astype(np.float32)


@lru_cache(maxsize=2)
def _skin(model: MorphableModel) -> tuple[IntArray, IntArray]:
    """Triangles of the skin without ears, and of the ears."""
    triangles = model.triangles[model.region("skin")[model.triangles].all(axis=1)]
    is_ear = model.region("ears")[triangles].any(axis=1)
    return triangles[~is_ear], triangles[is_ear]
