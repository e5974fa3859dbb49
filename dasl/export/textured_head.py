"""`TexturedHead`: a head's mesh, with a texture from one or several photos."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dasl.arrays import FloatArray, RgbImage, like
from dasl.errors import ConfigError
from dasl.export.hair.hair import Hair, is_upright, make_hair
from dasl.export.hair.surroundings import Surroundings
from dasl.export.options import Align, HeadOptions
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.frames import image_from_model
from dasl.head.measures import MILLIMETRES, millimetres_per_unit
from dasl.head.mesh import SplitMesh, split_mesh
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import vertices_image
from dasl.texture import (
    DEFAULT_SIZE,
    HeadTexture,
    Light,
    Mouth,
    PosedHead,
    find_mouth,
    head_texture,
    raised_lids,
)

PATCH_MARGIN_PX = 4
SHAPE_MARGIN = 0.15
"""How far heads reach beyond the mean head in the same pose, as a share of its size."""


@dataclass(frozen=True, eq=False)
class PhotoPatch:
    """The part of a photo around a head.

    Attributes:
        pixels: (h, w, 3) uint8 RGB, a copy.
        origin: (2,) float32, photo position x, y of its first pixel.
    """

    pixels: RgbImage
    origin: FloatArray


def photo_patch(photo: RgbImage, points_image: FloatArray, margin: float = 0.0) -> PhotoPatch:
    """Copy the bounding box of a head, clipped to the photo; at least one pixel.

    Args:
        photo: (H, W, 3) uint8 RGB.
        points_image: (V, 3) of the head, image frame.
        margin: to each side beyond `PATCH_MARGIN_PX`, as a share of the box's longer side.
    """
    height, width = photo.shape[:2]
    most = np.array([width - 1, height - 1])
    planar = np.ascontiguousarray(points_image[:, :2].T)  # rows of three reduce slowly
    low, high = planar.min(axis=1), planar.max(axis=1)
    reach = PATCH_MARGIN_PX + margin * float((high - low).max())
    x0, y0 = np.clip(np.floor(low - reach), 0, most).astype(int)
    x1, y1 = np.clip(np.ceil(high + reach), 0, most).astype(int) + 1
    pixels = photo[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)].copy()
    return PhotoPatch(pixels=pixels, origin=np.array([x0, y0], dtype=np.float32))


def patch_of_pose(photo: RgbImage, model: MorphableModel, pose: Pose, row: int) -> PhotoPatch:
    """A part of the photo that any head in this pose lies in; faster than the head's own box.

    Args:
        photo: (H, W, 3) uint8 RGB.
        model: its mean head is placed on the photo.
        pose: photo pixels.
        row: index in the batch.
    """
    mean = image_from_model(like(model.mean_vertices, pose.scale)[None], pose.rows(row, row + 1))
    return photo_patch(photo, mean[0], SHAPE_MARGIN)


@dataclass(frozen=True, eq=False)
class PhotoView:
    """A head on a photo.

    Attributes:
        coefficients: a batch of one; the pose maps the model to the image frame of the photo.
        patch: the part of that photo around the head.
    """

    coefficients: Coefficients
    patch: PhotoPatch

    def posed(self, model: MorphableModel) -> PosedHead:
        """The head in pixels of its own box."""
        pose = self.coefficients.pose
        on_patch = replace(pose, translation=pose.translation - self.patch.origin)
        vertices = vertices_image(model, replace(self.coefficients, pose=on_patch))[0]
        own = photo_patch(self.patch.pixels, vertices)
        vertices[:, :2] -= own.origin
        return PosedHead(vertices, float(pose.scale[0]), own.pixels)


@dataclass(frozen=True, eq=False)
class TexturedHead:
    """One head, for mesh files and images.

    Attributes:
        model: the head model.
        coefficients: a batch of one; the pose maps the model to the image frame of the photo.
        patch: the part of the photo that the texture is sampled from.
        more_views: the same head on further photos, for the texture.
        around: a wider part of the photo, for the hair; None for a head without hair.
    """

    model: MorphableModel
    coefficients: Coefficients
    patch: PhotoPatch
    more_views: tuple[PhotoView, ...] = ()
    around: Surroundings | None = None

    @property
    def expression(self) -> dict[str, float]:
        """ARKit name -> weight in [0, 1], with the eyes as open as on the photo."""
        weights = self._shown.expression[0].tolist()
        return dict(zip(self.model.expression_names, weights, strict=True))

    def weights(self, options: HeadOptions) -> FloatArray:
        """The expression of a file: fitted, neutral or chosen by the options; (E,) float32.

        Raises:
            ConfigError: the head model has no expression of a chosen name.
        """
        names, chosen = self.model.expression_names, options.expression
        if options.neutral:
            return np.zeros(len(names), dtype=np.float32)
        if chosen is None:
            return self._shown.expression[0]
        if unknown := sorted(set(chosen) - set(names)):
            raise ConfigError(
                f"no expression is called {unknown[0]!r}; the names are {', '.join(names)}"
            )
        return np.array([chosen.get(name, 0.0) for name in names], dtype=np.float32)

    def vertices_model(self, neutral: bool = False) -> FloatArray:
        """The head's vertices with the fitted or a neutral expression: (V, 3) metres.

        The teeth and upper lids are moved to match the photo; all else follows the head model.
        """
        return self._vertices(self.weights(HeadOptions(neutral=neutral)))

    def _vertices(self, weights: FloatArray) -> FloatArray:
        vertices = self.model.vertices(self.coefficients.identity, weights[None])[0]
        mouth = self._mouth
        return vertices if mouth is None else vertices + mouth.teeth_offset

    def shaped_mesh(self, options: HeadOptions) -> SplitMesh:
        """The mesh cut, subdivided, scaled and rotated by the options, split at seams; metres."""
        split = split_mesh(
            self.model, self._vertices(self.weights(options)), options.part, options.subdivisions
        )
        return replace(
            split,
            vertices=self.aligned(split.vertices, options.align) * self.size_factor(options.ipd_mm),
            normals=self.aligned(split.normals, options.align),
        )

    @cached_property
    def hair(self) -> Hair | None:
        """Hair or a hat around the neutral head; see `make_hair`."""
        if self.around is None:
            return None
        return make_hair(self.model, self.coefficients, self.around)

    def cut_person_out(self) -> None:
        """Take the first step of `hair`, which uses all cores, before other work is started."""
        if self.around is not None and is_upright(self.coefficients):
            _ = self.around.person

    def chosen_hair(self, options: HeadOptions) -> Hair | None:
        """The hair if the options include it and the part is the whole head."""
        return self.hair if options.hair and options.part == "head" else None

    def shaped_hair(self, hair: Hair, options: HeadOptions) -> SplitMesh:
        """The hair's mesh, deformed, scaled and rotated with the head by the options; metres."""
        vertices, size = hair.mesh.vertices, self.size_factor(options.ipd_mm)
        weights = self.weights(options)
        if weights.any():
            moves = hair.displacements(self.model.expression_basis)
            vertices = vertices + np.tensordot(weights, moves, axes=1).astype(np.float32)
        return replace(
            hair.mesh,
            vertices=self.aligned(vertices, options.align) * np.float32(size),
            normals=self.aligned(hair.mesh.normals, options.align),
        )

    def hair_texture(self, hair: Hair, options: HeadOptions) -> RgbImage:
        """`Hair.texture`, lit like the head's texture."""
        size = options.texture_size
        return self._baked(size).in_light(hair.texture(size), options.light)

    def size_factor(self, ipd_mm: float | None) -> float:
        """Scale factor for an interpupillary distance of `ipd_mm`, when neutral; 1 for None."""
        if ipd_mm is None:
            return 1.0
        at_rest = self.vertices_model(neutral=True)
        return millimetres_per_unit(self.model, at_rest, ipd_mm) / MILLIMETRES

    def aligned(self, vectors_model: FloatArray, align: Align) -> FloatArray:
        """Vectors of the model frame, (..., 3), unchanged or rotated as on the photo."""
        if align == "head":
            return vectors_model
        return vectors_model @ self.coefficients.pose.rotation[0].T

    def texture(self, size: int = DEFAULT_SIZE, light: Light = "evened") -> RgbImage:
        """(size, size, 3) uint8 RGB in the model's UV layout, row 0 at v = 1; cached."""
        return self._baked(size).lit(light)

    def _baked(self, size: int) -> HeadTexture:
        if size not in self._textures:
            self._textures[size] = self._sampled_texture(size)
        return self._textures[size]

    @cached_property
    def _textures(self) -> dict[int, HeadTexture]:
        return {}

    def _sampled_texture(self, size: int) -> HeadTexture:
        head, mouth = self._posed_head, self._mouth
        if mouth is not None:
            pose = self.coefficients.pose
            turned = replace(pose, translation=np.zeros_like(pose.translation))
            offset = image_from_model(mouth.teeth_offset[None], turned)[0]
            head = replace(head, vertices_image=head.vertices_image + offset)
        others = [view.posed(self.model) for view in self.more_views]
        return head_texture(self.model, head, size, mouth, others)

    @cached_property
    def _shown(self) -> Coefficients:
        """The coefficients with the upper lids raised to those on the photo."""
        fitted = PhotoView(self.coefficients, self.patch).posed(self.model)
        expression = raised_lids(self.model, fitted, self.coefficients.expression)
        return replace(self.coefficients, expression=expression)

    @cached_property
    def _posed_head(self) -> PosedHead:
        return PhotoView(self._shown, self.patch).posed(self.model)

    @cached_property
    def _mouth(self) -> Mouth | None:
        return find_mouth(self.model, self._posed_head)
