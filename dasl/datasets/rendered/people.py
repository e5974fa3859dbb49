"""Rendered people: heads with shapes from a scan model and skin textures from photos.

Picture `shot` of person `number` depends only on (seed, number, shot), the head model and the
skins. The person's shape depends only on (seed, number) and is the same in all their pictures;
expression, pose, light, skin, hair and surroundings are drawn for each.

Landmarks lie on the true surface. The coefficients are those of the best-fitting identity; this
head model cannot represent the rest of the shape.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from dasl.datasets.face_set import FaceSet, concatenate
from dasl.datasets.rendered.appearance import Appearance, draw_appearance
from dasl.datasets.rendered.draws import draw_expression, draw_pose, draw_rotation
from dasl.datasets.rendered.faces import SKIN_INSIDE
from dasl.datasets.rendered.occluders import occlude
from dasl.datasets.rendered.people_split import person_id
from dasl.datasets.rendered.photo_skin import LINEAR, PhotoSkin, is_neutral, mouth_units
from dasl.datasets.rendered.scan_shapes import LABEL_SIGMA_M, IdentityFit, ScanShapes
from dasl.datasets.rendered.scene import draw_background
from dasl.datasets.rendered.shading import GBuffer, Lighting, draw_lighting, shade
from dasl.datasets.rendered.skin import paint_glasses, paint_hair
from dasl.datasets.rendered.studio import (
    Scene,
    Studio,
    build_scene,
    cast,
    display,
    film,
    studio_of,
    visible_points,
)
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.crop import CROP_SIZE
from dasl.geometry.frames import image_from_model
from dasl.geometry.resample import read_at
from dasl.head.morphable_model import MorphableModel
from eval.meshes.rays import RayHits

Floats = NDArray[np.float32]

MOST_YAW_DEG = 80.0
RENDERED_SIDE = 180
"""Rays along a side of the picture; this matches the sharpness of downscaled photos."""
OWN_HAIR_SHARE = 0.6
UNSEEN_HAIR_SHARE = 0.15
"""Share of pictures with the photo's scalp, for photos that show hair and for those that do not;
otherwise hair is painted."""
PHOTO_BACKDROP_SHARE = 0.6
KEPT_SMILE = (0.8, 1.0)
"""Share of a photo's mouth expression that is kept, to match the creases in its texture."""


@dataclass(frozen=True, eq=False)
class Person:
    """A person with a neutral expression.

    Attributes:
        seed: of the people; number: among them, from 0.
        rest: (V, 3) true vertices, metres, model frame, aligned with `identity`.
        identity: (K,) of the model's nearest head, standard deviations.
    """

    seed: int
    number: int
    rest: Floats
    identity: Floats


class Skins(Protocol):
    """The skins of people: a list, or skins that are made on first use."""

    def __len__(self) -> int:
        """Number of skins."""
        ...

    def __getitem__(self, index: int, /) -> PhotoSkin:
        """One skin; the same for the same index."""
        ...


class People:
    """All people of a seed, and their pictures."""

    def __init__(
        self,
        model: MorphableModel,
        shapes: ScanShapes,
        skins: Skins,
        seed: int,
        *,
        one_skin: bool = False,
    ) -> None:
        """Precompute data of the head model; takes seconds.

        Args:
            model: float32.
            shapes: the space of people.
            skins: for training or for testing, matching the seed.
            seed: at least 0; see `dasl.datasets.rendered.people_split`.
            one_skin: True gives a person the same skin in all pictures, as in reality; otherwise
                each picture has its own, so that a network cannot infer the person from it.

        Raises:
            ConfigError: seed below 0 or no skins.
        """
        if seed < 0 or not len(skins):
            raise ConfigError(f"wanted a seed >= 0 and skins, got seed {seed}, {len(skins)} skins")
        self.model, self.seed = model, seed
        self._shapes, self._skins, self._one_skin = shapes, skins, one_skin
        self._labels = IdentityFit(model, shapes.fitted, LABEL_SIGMA_M)
        self._studio = studio_of(model)
        self._expression_basis = model.expression_basis

    def person(self, number: int) -> Person:
        """One of the people; `number` from 0."""
        rest = self._shapes.draw(np.random.default_rng([self.seed, number]))
        return Person(self.seed, number, *self._labels.place(rest))

    def vertices(self, person: Person, expression: Floats) -> Floats:
        """The true surface with an expression (E,): (V, 3) metres."""
        moved = np.tensordot(expression, self._expression_basis, axes=1)
        return (person.rest + moved).astype(np.float32)

    def pictures(self, person: Person, count: int) -> FaceSet:
        """The first `count` pictures of a person, with ids person-<seed>-<number>-<shot>."""
        return concatenate([self._picture(person, shot) for shot in range(count)])

    @torch.no_grad()
    def _picture(self, person: Person, shot: int) -> FaceSet:
        model, random = self.model, np.random.default_rng([self.seed, person.number, 1 + shot])
        worn = int(random.integers(len(self._skins)))
        if self._one_skin:
            own = np.random.default_rng([self.seed, person.number, 0])
            worn = int(own.integers(len(self._skins)))
        skin = self._skins[worn]
        expression = worn_expression(random, skin, model.expression_names)
        rotation, yaw_deg = draw_rotation(random, MOST_YAW_DEG)
        vertices = self.vertices(person, expression)
        surface = torch.from_numpy(vertices)
        pose = draw_pose(random, rotation, model.landmarks68_of(surface).numpy())
        points21 = image_from_model(model.landmarks21_of(surface)[None], pose)
        image, visible = _render(self._studio, random, vertices, pose, skin, points21[0].numpy())
        identity, weights = torch.from_numpy(person.identity), torch.from_numpy(expression)
        return FaceSet(
            ids=(person_id(person.seed, person.number, shot),),
            images=torch.from_numpy(image)[None],
            landmarks68_crop=image_from_model(model.landmarks68_of(surface)[None], pose),
            landmarks21_crop=points21[..., :2],
            visible21=torch.from_numpy(visible)[None],
            coefficients=Coefficients(pose, identity[None], weights[None]),
            coefficient_weight=torch.ones(1),
            yaw_deg=torch.tensor([yaw_deg]),
            head_id=model.head_id,
        )


def worn_expression(random: np.random.Generator, skin: PhotoSkin, names: tuple[str, ...]) -> Floats:
    """A plausible expression (E,) that is consistent with the skin.

    A smile leaves creases in its photo's texture. With such a skin the mouth has the photo's
    expression; the other units, and the mouth with a neutral skin, are drawn.
    """
    drawn = draw_expression(random, names)
    kept = random.uniform(*KEPT_SMILE)
    if is_neutral(skin.expression, names):
        return drawn
    return np.where(mouth_units(names), kept * skin.expression, drawn).astype(np.float32)


def _render(
    studio: Studio,
    random: np.random.Generator,
    vertices: Floats,
    pose: Pose,
    skin: PhotoSkin,
    points_crop: Floats,
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The picture (3, 120, 120) and which of the points (N, 3) it shows."""
    looks, lighting = draw_appearance(random), draw_lighting(random)
    own_hair = random.random() < (OWN_HAIR_SHARE if skin.shows_hair else UNSEEN_HAIR_SHARE)
    if own_hair:
        looks = replace(looks, hair=skin.hair)
    white = np.ones_like(vertices)
    scene = build_scene(studio, random, vertices, pose, looks, lighting, white)
    side = RENDERED_SIDE
    hits, marks = cast(scene, points_crop, side)
    linear = _backdrop(random, skin, side).reshape(-1, 3)
    painted = None if own_hair else looks
    linear[hits.hit] = film(
        _seen(studio, scene, hits, skin, looks, lighting, painted) * lighting.exposure
    )
    occlude(random, linear.reshape(side, side, 3), _enlarged(random, skin, side))
    shrunk = cv2.resize(
        linear.reshape(side, side, 3), (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_AREA
    )
    return display(np.asarray(shrunk)), visible_points(marks, points_crop, float(pose.scale))


def _seen(
    studio: Studio,
    scene: Scene,
    hits: RayHits,
    skin: PhotoSkin,
    looks: Appearance,
    lighting: Lighting,
    painted_hair: Appearance | None,
) -> Floats:
    """Light from the surface at the P ray hits: (P, 3), before exposure.

    Light varies slowly and is computed at the vertices.
    """
    met = hits.triangle[hits.hit]
    shares = hits.barycentric[hits.hit]
    values = _between(scene.triangles[met], shares, len(scene.attributes)) @ _lit(scene, lighting)
    rest, albedo, light, highlight = np.split(values, [3, 6, 9], axis=1)
    of_head = met < scene.head_triangle_count
    colours = _texture_colours(studio.model, skin, met[of_head], shares[of_head])
    if painted_hair is not None and painted_hair.hair_thickness > 0:
        paint_hair(colours, rest[of_head], painted_hair)
    if looks.glasses:
        side = rest[of_head] * np.where(rest[of_head] < 0, [-1, 1, 1], 1).astype(np.float32)
        paint_glasses(colours, side, studio.head, looks)
    inside = _seen_from_inside(scene)[met]
    albedo[of_head] = colours
    albedo[inside & of_head] *= SKIN_INSIDE
    return np.asarray(albedo * light + highlight, dtype=np.float32)


def _seen_from_inside(scene: Scene) -> NDArray[np.bool_]:
    """(T,) whether the triangles face away from the viewer."""
    first, second, third = (scene.vertices_crop[scene.triangles[:, k], :2] for k in range(3))
    one, other = second - first, third - first
    # y points down in the crop frame, so outward triangles turn clockwise there.
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0] > 0)


def _between(corners: NDArray[np.int64], shares: Floats, count: int) -> csr_matrix:
    """(P, N) operator from values of N vertices to those between corners (P, 3), weights (P, 3)."""
    starts = np.arange(len(corners) + 1) * 3
    return csr_matrix((shares.ravel(), corners.ravel(), starts), shape=(len(corners), count))


def _lit(scene: Scene, lighting: Lighting) -> Floats:
    """(N, 12) of the scene's vertices: rest position, colour, light on white, highlight."""
    columns = scene.attributes
    normal, occlusion, lit, gloss = columns[:, 6:9], columns[:, 9], columns[:, 10], columns[:, 11]
    white, black = np.ones_like(normal), np.zeros_like(normal)
    matt = shade(GBuffer(white, normal, occlusion, lit, np.zeros_like(gloss)), lighting)
    highlight = shade(GBuffer(black, normal, occlusion, lit, gloss), lighting)
    return np.concatenate([columns[:, :6], matt, highlight], axis=1)


def _texture_colours(
    model: MorphableModel, skin: PhotoSkin, triangles: NDArray[np.int64], shares: Floats
) -> Floats:
    """Linear colours (P, 3) of the texture at points of triangles (P,), weights (P, 3)."""
    corners = model.uv[model.uv_triangles[triangles]]
    u, v = np.einsum("pcn,pc->np", corners, shares)
    size = len(skin.texture)
    column, row = u * size - 0.5, (1.0 - v) * size - 0.5
    return LINEAR[read_at(skin.texture, column, row)]


def _backdrop(random: np.random.Generator, skin: PhotoSkin, side: int) -> Floats:
    """(side, side, 3) linear light: the photo's surroundings or synthetic ones."""
    if random.random() < PHOTO_BACKDROP_SHARE:
        return _enlarged(random, skin, side) * np.float32(random.uniform(0.5, 1.3))
    return draw_background(random, side) * np.float32(random.uniform(0.5, 1.3))


def _enlarged(random: np.random.Generator, skin: PhotoSkin, side: int) -> Floats:
    """The photo's patch beside the face, rotated or mirrored, at the picture's size."""
    piece = np.rot90(skin.backdrop, int(random.integers(4)))[:: random.choice([-1, 1])]
    large = cv2.resize(np.ascontiguousarray(piece), (side, side), interpolation=cv2.INTER_CUBIC)
    return LINEAR[np.asarray(large)]
