"""Mixed skin textures of portraits: thousands of different faces from some thirty photos.

Each skin uses one portrait, or two blended in patches, mirrored or not. Complexion, lips, beard and
brows are varied. The background is part of a CC0 panorama or of a portrait.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import cKDTree

from dasl.arrays import IntArray, in_numpy
from dasl.datasets.rendered.appearance import HAIR_COLOURS
from dasl.datasets.rendered.photo_skin import LINEAR, PhotoSkin, is_neutral, photo_skin
from dasl.datasets.rendered.skin import BLOOD, MELANIN, head_map
from dasl.datasets.rendered.studio import DISPLAY_GAMMA
from dasl.errors import ConfigError
from dasl.export.textured_head import TexturedHead, photo_patch
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.crop import square_crop_from_landmarks
from dasl.geometry.frames import image_pose_from_crop
from dasl.geometry.rotation import euler_deg_from_rotation
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import vertices_image
from dasl.photo.load import load_photo
from dasl.texture.layout import TextureLayout, texture_layout
from tools.open_weights.portraits import fitted, landmarks68, names_of, observed

TEXELS = 384
MOST_YAW_DEG = 36.0
"""Portraits with larger yaw show too little of one side."""
COVERED = (3, 4, 10, 14, 19, 25, 32, 38, 43, 48)
"""Portraits whose face is partly covered, mostly by sunglasses."""
MIXED_SHARE, MIRRORED_SHARE, PATCHES = 0.5, 0.5, 5
COMPLEXION_SHARE, LIPS_SHARE, BEARD_SHARE, BROWS_SHARE = 0.6, 0.3, 0.2, 0.3
PANORAMA_SHARE = 0.75
VIEW_DEG = (25.0, 80.0)
"""Field of view on a panorama."""
BACKDROP_SIDE = 160
Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Masks:
    """Masks of regions of the texture, (TEXELS, TEXELS) float32, 0..1, and its mirror.

    Attributes:
        layout: of the texture, with N covered texels.
        mirrored: (N,) row of the covered texel at the mirrored point of the skin; inner parts keep
            their own.
    """

    layout: TextureLayout
    mirrored: IntArray
    outside: Floats
    lips: Floats
    beard: Floats
    brows: Floats


class MixedSkins:
    """Sequence of random skins; skin `index` depends only on index, portraits and panoramas."""

    def __init__(self, model: MorphableModel, root: Path, numbers: range, panoramas: Path) -> None:
        """Fit the head to the portraits and bake their textures; takes seconds.

        Args:
            model: the open head.
            root: data root, with portraits/.
            numbers: of the portraits.
            panoramas: folder of `tools.open_weights.fetch_panoramas`.

        Raises:
            ConfigError: a portrait or every panorama is missing.
        """
        self._names = model.expression_names
        self._skins = portrait_skins(model, root, numbers)
        self._masks = _masks(model)
        paths = sorted(panoramas.glob("*.png"))
        if not paths:
            raise ConfigError(
                f"no panoramas in {panoramas}; fetch them: "
                f"python -m tools.open_weights.fetch_panoramas --output {panoramas}"
            )
        self._panoramas = [np.asarray(Image.open(path).convert("RGB")) for path in paths]

    def __len__(self) -> int:
        return 1_000_000

    def __getitem__(self, index: int) -> PhotoSkin:
        random = np.random.default_rng([index, len(self._skins)])
        skin = self._skins[int(random.integers(len(self._skins)))]
        texture = _mirrored(random, skin.texture, self._masks)
        if random.random() < MIXED_SHARE:
            other = self._skins[int(random.integers(len(self._skins)))]
            if is_neutral(skin.expression, self._names) == is_neutral(
                other.expression, self._names
            ):
                cover = _patches(random)
                mixed = _mirrored(random, other.texture, self._masks)
                texture = np.asarray(cv2.blendLinear(texture, mixed, 1 - cover, cover))
        hair = HAIR_COLOURS[int(random.integers(len(HAIR_COLOURS)))]
        hair = skin.hair if random.random() < 0.5 else hair * np.float32(random.uniform(0.7, 1.4))
        return replace(
            skin,
            texture=_made_up(random, texture, hair, self._masks),
            hair=hair.astype(np.float32),
            backdrop=self._backdrop(random, skin),
        )

    def _backdrop(self, random: np.random.Generator, skin: PhotoSkin) -> Picture:
        if random.random() >= PANORAMA_SHARE:
            other = self._skins[int(random.integers(len(self._skins)))]
            return other.backdrop if random.random() < 0.5 else skin.backdrop
        return view_of(random, self._panoramas[int(random.integers(len(self._panoramas)))])


def portrait_skins(model: MorphableModel, root: Path, numbers: range) -> list[PhotoSkin]:
    """Skins of the portraits with yaw up to `MOST_YAW_DEG` and without covers."""
    names, coefficients = names_of(numbers), fitted(model, observed(numbers)).coefficients
    yaws = euler_deg_from_rotation(coefficients.pose.rotation)[:, 0].tolist()
    skins = []
    for row, name in enumerate(names):
        if abs(yaws[row]) <= MOST_YAW_DEG and int(name) not in COVERED:
            path = root / "portraits" / f"{name}.jpg"
            if not path.exists():
                raise ConfigError(f"{path} is missing; name the data root with --root")
            skins.append(_skin(model, coefficients.rows(row, row + 1), load_photo(path), name))
    return skins


def view_of(random: np.random.Generator, panorama: Picture) -> Picture:
    """A random view (S, S, 3) of an equirectangular panorama."""
    height, width = panorama.shape[:2]
    half = np.tan(np.radians(random.uniform(*VIEW_DEG)) / 2)
    ticks = np.linspace(-half, half, BACKDROP_SIDE, dtype=np.float32)
    x, y = np.meshgrid(ticks, ticks)
    turn, pitch = random.uniform(0, 2 * np.pi), np.radians(random.normal(0.0, 18.0))
    cos, sin = np.cos(pitch), np.sin(pitch)
    forward, up = cos + y * sin, sin - y * cos
    longitude = (np.arctan2(x, forward) + turn) % (2 * np.pi)
    latitude = np.arctan2(up, np.hypot(x, forward))
    column = (longitude / (2 * np.pi) * width).astype(np.float32)
    row = ((0.5 - latitude / np.pi) * height).astype(np.float32)
    seen = cv2.remap(panorama, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    gain = random.uniform(0.4, 1.3)
    return np.asarray(np.clip(seen * gain, 0, 255), dtype=np.uint8)


def _skin(
    model: MorphableModel, coefficients: Coefficients, photo: Picture, name: str
) -> PhotoSkin:
    """The skin of one portrait; the pose is in pixels of the crop of its landmarks."""
    box = square_crop_from_landmarks(landmarks68(name)[:, :2])
    pose = image_pose_from_crop(coefficients.pose, torch.from_numpy(box).float()[None])
    on_photo = replace(coefficients, pose=pose)
    patch = photo_patch(photo, vertices_image(model, on_photo)[0].numpy())
    pose = Pose(*(in_numpy(part) for part in (pose.rotation, pose.scale, pose.translation)))
    shape = in_numpy(coefficients.identity), in_numpy(coefficients.expression)
    head = TexturedHead(model, Coefficients(pose, *shape), patch)
    return photo_skin(head, photo, box, TEXELS, f"portrait {name}")


def _mirrored(random: np.random.Generator, texture: Picture, masks: _Masks) -> Picture:
    """Mirror the outer skin with probability `MIRRORED_SHARE`."""
    if random.random() >= MIRRORED_SHARE:
        return texture
    colours = texture.reshape(-1, 3)[masks.layout.texel[masks.mirrored]]
    return masks.layout.spread(colours.astype(np.float32))


def _patches(random: np.random.Generator) -> Floats:
    """Smooth random blending weights, (TEXELS, TEXELS), 0..1."""
    coarse = random.uniform(-0.6, 1.6, (PATCHES, PATCHES)).astype(np.float32)
    large = cv2.resize(coarse, (TEXELS, TEXELS), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(large, 0.0, 1.0), dtype=np.float32)


def _made_up(random: np.random.Generator, texture: Picture, hair: Floats, masks: _Masks) -> Picture:
    """Vary complexion, lips, beard and brows of a texture at random."""
    light = LINEAR[texture]
    if random.random() < COMPLEXION_SHARE:
        density = random.normal(0.0, 0.35) * MELANIN + random.normal(0.0, 0.2) * BLOOD
        gain = np.exp(-np.clip(density, -0.5, 1.3)).astype(np.float32)
        light = light * (1 + masks.outside[..., None] * (gain - 1))
    if random.random() < LIPS_SHARE:
        colour = np.exp(-random.uniform(-0.3, 1.6) * BLOOD).astype(np.float32)
        light = light * (1 + masks.lips[..., None] * (colour - 1))
    for mask, share in ((masks.beard, BEARD_SHARE), (masks.brows, BROWS_SHARE)):
        if random.random() < share:
            grain = random.uniform(0.6, 1.0, (TEXELS // 2, TEXELS // 2)).astype(np.float32)
            grain = np.asarray(cv2.resize(grain, (TEXELS, TEXELS)), dtype=np.float32)
            cover = (random.uniform(0.1, 0.75) * grain * mask)[..., None]
            light = light + cover * (0.7 * hair - light)
    shown = 255.0 * np.clip(light, 0.0, 1.0) ** np.float32(1 / DISPLAY_GAMMA)
    return np.asarray(np.rint(shown), dtype=np.uint8)


def _masks(model: MorphableModel) -> _Masks:
    layout = texture_layout(model, TEXELS)
    painted = head_map(model)
    outside = model.region("skin") | model.region("face")
    columns = np.stack(
        [outside, painted.masks["lips"], painted.masks["beard"], _brows(model)], axis=1
    ).astype(np.float32)
    values = layout.interpolation @ columns
    pictures = np.zeros((TEXELS * TEXELS, 4), dtype=np.float32)
    pictures[layout.texel] = values
    return _Masks(
        layout,
        mirrored_texels(model, layout, values[:, 0] > 0.5),
        *np.moveaxis(pictures.reshape(TEXELS, TEXELS, 4), 2, 0),
    )


def mirrored_texels(
    model: MorphableModel, layout: TextureLayout, outside: NDArray[np.bool_]
) -> IntArray:
    """Row of the texel at the mirrored surface point, for N covered texels: (N,).

    Found on the mean head, since not all UV islands are symmetric.

    Args:
        model: the head.
        layout: of a texture of it.
        outside: (N,) texels of the outer skin; the others are their own mirror.
    """
    rows = np.flatnonzero(outside)
    points = (layout.interpolation @ model.mean_vertices)[rows]
    mirrored = np.arange(len(outside))
    mirrored[rows] = rows[cKDTree(points).query(points * [-1.0, 1.0, 1.0])[1]]
    return mirrored


def _brows(model: MorphableModel) -> Floats:
    """Weight (V,) that is 1 on the line of the brows on the reference head, falling to 0 around."""
    rest, brow = model.reference_vertices, head_map(model).brow
    across = np.abs(rest[:, 0])
    height = rest[:, 1] - np.interp(across, brow[:, 0], brow[:, 1])
    along = (across > brow[0, 0] - 0.003) & (across < brow[-1, 0]) & (rest[:, 2] > -0.05)
    return (np.exp(-((height / 0.005) ** 2)) * along).astype(np.float32)
