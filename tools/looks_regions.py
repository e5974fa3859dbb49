"""Compares photo and textured head in the photo's pose by region, for one face."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dasl import Face
from dasl.arrays import FloatArray, RgbImage
from dasl.export.options import HeadOptions
from dasl.geometry.coefficients import Pose
from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.mesh import SplitMesh
from dasl.head.morphable_model import MorphableModel
from dasl.pictures.head import texture_at
from dasl.pictures.surface import INSIDE, face_share
from dasl.texture.tone import LUMA
from eval.meshes.rays import cast_along_z, pixel_grid

REGIONS = ("face", "mouth", "eyes", "ears")
"""Skin of the face, area between the lips, area between the lids, ears."""
TURNED_DEG = (-60.0, -30.0, 0.0, 30.0, 60.0)
_MOUTH_PARTS = ("teeth", "tongue", "inner_mouth")
_TOOTH_BRIGHT, _TOOTH_PALER = 0.55, 0.04
"""A pixel between the lips counts as a tooth if it has at least this share of the skin's brightness
and its share of red is smaller than the skin's by this factor."""
_TURNED_MM_PER_PIXEL = 0.5
_LEAST_PIXELS, _LEAST_EYE_PIXELS, _DARKEST_PERCENT = 12, 25, 25.0


@dataclass(frozen=True, eq=False)
class PosedPicture:
    """A textured head in the pose of its photo.

    Attributes:
        colour: (H, W, 3) of the texture without light, 0..255, NaN off the head.
        region: (H, W) index into `REGIONS` of the fitted head's region, -1 elsewhere.
    """

    colour: FloatArray
    region: NDArray[np.int64]


@dataclass(frozen=True)
class Looks:
    """Figures of one face, in 1/255 unless stated otherwise; NaN for regions that are not visible.

    Attributes:
        difference: region -> mean absolute difference from the photo, over pixels and channels.
        teeth_difference: the same for pixels between the lips that show teeth in the photo.
        bluer: median blue minus red of the head's teeth, minus that of the photo's.
        teeth_share: share of teeth in the area between the lips, minimum over -60..60 degrees yaw.
        iris_mm: distance between the irises on photo and head, millimetres of the head.
        iris_dark: difference of the irises' darkness from the photo's, mean of both eyes.
    """

    difference: dict[str, float]
    teeth_difference: float
    bluer: float
    teeth_share: float
    iris_mm: float
    iris_dark: float


def looks(photo: RgbImage, face: Face, has_teeth: bool) -> Looks:
    """Compare one face with its photo.

    Regions are those of the fitted head. The figures therefore include errors of the fit of one to
    three millimetres; use them to compare textures of the same fit.

    Args:
        photo: (H, W, 3) uint8 RGB, the face's photo.
        face: on that photo.
        has_teeth: whether the photo shows teeth between the lips.
    """
    posed = posed_picture(photo, face)
    difference = np.abs(posed.colour - photo).mean(axis=2)
    is_mouth = posed.region == REGIONS.index("mouth")
    skin = np.median(photo[posed.region == REGIONS.index("face")], axis=0)
    is_tooth = is_mouth & shows_tooth(photo, skin)
    bluer = float("nan")
    if has_teeth and is_tooth.sum() >= _LEAST_PIXELS:
        bluer = _blueness(posed.colour[is_tooth]) - _blueness(photo[is_tooth].astype(np.float64))
    iris = _iris_figures(photo, posed, 1000.0 / face.pose.scale)
    return Looks(
        difference={
            name: _mean(difference[posed.region == index]) for index, name in enumerate(REGIONS)
        },
        teeth_difference=_mean(difference[is_mouth]) if has_teeth else float("nan"),
        bluer=bluer,
        teeth_share=min(turned_teeth_share(face, yaw) for yaw in TURNED_DEG)
        if has_teeth
        else float("nan"),
        iris_mm=iris[0],
        iris_dark=iris[1],
    )


def posed_picture(photo: RgbImage, face: Face) -> PosedPicture:
    """The textured head in the photo's pose; see `PosedPicture`."""
    height, width = photo.shape[:2]
    pixels = pixel_grid(width, height)
    mesh = face.head.shaped_mesh(HeadOptions(subdivisions=1))
    points = image_from_model(mesh.vertices[None], face.pose.as_batch())[0]
    texture = face.head.texture(light="as-photo")
    colour = _textured(mesh, points, texture, pixels)
    hits = cast_along_z(face.vertices, face.triangles, pixels)
    corner = face.triangles[np.maximum(hits.triangle, 0)]
    share = (face_share(face)[corner] * hits.barycentric).sum(axis=1)
    part = _dense_parts(face)[corner[:, 0]]
    region = np.where((part == 0) & (share < INSIDE), -1, part)
    region[~hits.hit] = -1
    return PosedPicture(colour.reshape(photo.shape), region.reshape(height, width))


def shows_tooth(colours: NDArray[np.number], skin: NDArray[np.number]) -> NDArray[np.bool_]:
    """Whether colours between the lips are teeth, given the skin's (3,): (..., 3) to (...)."""
    values = np.asarray(colours, dtype=np.float64)
    total = np.maximum(values.sum(axis=-1), 1.0)
    paler = 1.0 - values[..., 0] / total / (skin[0] / max(float(skin.sum()), 1.0))
    return (total > _TOOTH_BRIGHT * skin.sum()) & (paler > _TOOTH_PALER)


def turned_teeth_share(face: Face, yaw_deg: float) -> float:
    """Share of teeth in the area between the lips of the head rotated by `yaw_deg`."""
    model = face.model
    turn = rotation_from_euler_deg(np.array([[yaw_deg, 0.0, 0.0]], dtype=np.float32))
    scale = np.array([1000.0 / _TURNED_MM_PER_PIXEL], dtype=np.float32)
    pose = Pose(turn, scale, np.zeros((1, 2), dtype=np.float32))
    points = image_from_model(face.head.vertices_model()[None], pose)[0]
    triangles = model.triangles
    is_tooth, is_mouth = _mask(model, "teeth"), _mask(model, *_MOUTH_PARTS)
    lips = points[_mask(model, "lips"), :2]
    low, high = lips.min(axis=0), lips.max(axis=0)
    size = np.ceil(high - low).astype(int) + 1
    hits = cast_along_z(points, triangles, pixel_grid(*size.tolist()) + low)
    seen = triangles[hits.triangle[hits.hit], 0]
    return float(is_tooth[seen].sum() / max(is_mouth[seen].sum(), 1))


def _iris_figures(photo: RgbImage, posed: PosedPicture, mm_per_pixel: float) -> tuple[float, float]:
    """Distance, mm, and darkness against the photo's of the darkest quarter of each eye."""
    is_eye = (posed.region == REGIONS.index("eyes")).astype(np.uint8)
    count, label = cv2.connectedComponents(is_eye)
    distances, darker = [], []
    for index in range(1, count):
        place = np.argwhere(label == index)
        if len(place) < _LEAST_EYE_PIXELS:
            continue
        middles = []
        for picture in (photo, posed.colour):
            luma = picture[tuple(place.T)] @ LUMA
            dark = luma <= np.percentile(luma, _DARKEST_PERCENT)
            middles.append((place[dark].mean(axis=0), float(luma[dark].mean())))
        distances.append(float(np.linalg.norm(middles[0][0] - middles[1][0])) * mm_per_pixel)
        darker.append(abs(middles[0][1] - middles[1][1]))
    if not distances:
        return float("nan"), float("nan")
    return float(np.mean(distances)), float(np.mean(darker))


def _textured(
    mesh: SplitMesh, points: FloatArray, texture: RgbImage, pixels: FloatArray
) -> FloatArray:
    hits = cast_along_z(points, mesh.triangles, pixels)
    uv = mesh.uv[mesh.triangles[np.maximum(hits.triangle, 0)]]
    u, v = (uv * hits.barycentric[..., None]).sum(axis=1).T
    colours = texture_at(texture, u, v)
    colours[~hits.hit] = np.nan
    return colours


def _dense_parts(face: Face) -> NDArray[np.int64]:
    """Index into `REGIONS` of each dense vertex; skin and hair beyond the face count as face."""
    model = face.model
    inside = (_MOUTH_PARTS, ("eyeballs",), ("ears",))
    masks = np.column_stack([_mask(model, *regions) for regions in inside]).astype(np.float32)
    shares = model.subdivide(
        masks
    )  # new vertices lie between two; those at a border are the face's
    return np.where(shares.max(axis=1) > 0.5, 1 + shares.argmax(axis=1), 0)


def _mask(model: MorphableModel, *names: str) -> NDArray[np.bool_]:
    return np.any([model.region(name) for name in names], axis=0)


def _blueness(colours: NDArray[np.number]) -> float:
    return float(np.nanmedian(colours[:, 2] - colours[:, 0]))


def _mean(values: NDArray[np.floating]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) >= _LEAST_PIXELS else float("nan")
