"""A textured head on a plain background, seen from any side."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.export.options import HeadOptions
from dasl.export.textured_head import TexturedHead
from dasl.geometry.coefficients import Pose
from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.mesh import SplitMesh, vertex_normals
from dasl.texture.photo import interpolated
from eval.meshes.rays import cast_along_z, pixel_grid

SMOOTH = HeadOptions(subdivisions=1)
WITH_HAIR = replace(SMOOTH, hair=True)
_SUPERSAMPLING = 1.5
_FILLED = 0.94
"""Largest share of the picture's sides that the head fills, in any direction."""
_BACKGROUND = (232, 235, 240)
_SHADE = 0.2
"""Darkening of surface seen edge-on. The texture contains the photo's own light; this headlight
only shows the shape. Heads are the less like their photos the stronger it is: seen on portraits
031-050 by the method of `tools.evaluate_likeness` with other values here."""


@dataclass(frozen=True, eq=False)
class TexturedMesh:
    """The head or its hair.

    Attributes:
        mesh: model frame, split along the texture's seams.
        texture: (H, W, 3) uint8 RGB, row 0 at v = 1.
    """

    mesh: SplitMesh
    texture: RgbImage


@dataclass(frozen=True, eq=False)
class TurntableHead:
    """A head to be drawn from several sides.

    Attributes:
        parts: the head, and its hair if it has any.
        centre_model: (3,) centre of rotation, metres: the centre of its bounding box.
        radius_m: of the bounding cylinder around the vertical axis through the centre.
        half_height_m: half the height of the bounding box.
    """

    parts: tuple[TexturedMesh, ...]
    centre_model: FloatArray
    radius_m: float
    half_height_m: float


def turntable_head(head: TexturedHead, options: HeadOptions = SMOOTH) -> TurntableHead:
    """The head with its expression and texture, and the hair that the options choose."""
    parts = [
        TexturedMesh(head.shaped_mesh(options), head.texture(options.texture_size, options.light))
    ]
    if (hair := head.chosen_hair(options)) is not None:
        parts.append(
            TexturedMesh(head.shaped_hair(hair, options), head.hair_texture(hair, options))
        )
    vertices = np.concatenate([part.mesh.vertices for part in parts])
    centre = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    offset = vertices - centre
    radius = float(np.hypot(offset[:, 0], offset[:, 2]).max())
    return TurntableHead(tuple(parts), centre, radius, float(np.abs(offset[:, 1]).max()))


def draw_head(head: TurntableHead, yaw_deg: float, size: tuple[int, int]) -> RgbImage:
    """Draw the head from one side; its scale does not depend on the side.

    Args:
        head: from `turntable_head`.
        yaw_deg: positive turns the nose to the image's left.
        size: width and height, pixels.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    width, height = (round(side * _SUPERSAMPLING) for side in size)
    scale = _FILLED / 2 * min(width / head.radius_m, height / head.half_height_m)
    pose = Pose(
        rotation=rotation_from_euler_deg(np.array([[yaw_deg, 0.0, 0.0]], dtype=np.float32)),
        scale=np.array([scale], dtype=np.float32),
        translation=np.array([[(width - 1) / 2, (height - 1) / 2]], dtype=np.float32),
    )
    picture = paint_head(head, pose, (width, height))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def paint_head(head: TurntableHead, pose: Pose, size: tuple[int, int]) -> RgbImage:
    """The head under a pose around its centre, one ray per pixel."""
    width, height = size
    picture = np.full((height, width, 3), _BACKGROUND, dtype=np.uint8)
    nearest = np.full((height, width), -np.inf)
    for part in head.parts:
        centred = (part.mesh.vertices - head.centre_model).astype(np.float32)
        _paint(part, image_from_model(centred[None], pose)[0], picture, nearest)
    return picture


def _paint(part: TexturedMesh, points: FloatArray, picture: RgbImage, nearest: FloatArray) -> None:
    """Paint a part, its vertices at picture positions, over what lies behind it."""
    height, width = nearest.shape
    triangles = part.mesh.triangles
    # rays that miss the head would cost as much as those that hit it
    left, top = np.floor(points[:, :2].min(axis=0)).astype(int).clip(0).tolist()
    right, bottom = np.ceil(points[:, :2].max(axis=0)).astype(int).clip(0, (width, height)).tolist()
    grid = pixel_grid(right - left, bottom - top) + np.array([left, top], dtype=np.float32)
    hits = cast_along_z(points, triangles, grid)
    # left-handed frame: the winding of outward triangles is reversed
    normals = vertex_normals(points, triangles[:, [0, 2, 1]])
    values = np.concatenate([part.mesh.uv, normals[:, 2:]], axis=1)
    corners = values[triangles[np.maximum(hits.triangle, 0)]]
    at_ray = (corners * hits.barycentric[..., None]).sum(axis=1)
    u, v, facing = np.moveaxis(at_ray.reshape(bottom - top, right - left, 3), -1, 0)
    colours = texture_at(part.texture, u, v)
    colours *= (1.0 - _SHADE * (1.0 - facing.clip(0.0, 1.0)))[..., None]
    window = np.s_[top:bottom, left:right]
    depth = hits.depth.reshape(facing.shape)
    is_seen = hits.hit.reshape(facing.shape) & (depth > nearest[window])
    picture[window][is_seen] = colours[is_seen].round().astype(np.uint8)
    nearest[window][is_seen] = depth[is_seen]


def texture_at(texture: RgbImage, u: FloatArray, v: FloatArray) -> FloatArray:
    """Colours of a texture (H, W, 3) at coordinates, v up: (..., ) each to (..., 3) in 0..255."""
    height, width = texture.shape[:2]
    column, row = u * width - 0.5, (1.0 - v) * height - 0.5
    colours = interpolated(texture, *(np.ravel(a).astype(np.float32) for a in (column, row)))
    return colours.reshape(*np.shape(u), 3)
