"""A textured head on a plain background, seen from any side."""

from dataclasses import dataclass

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

_SUPERSAMPLING = 1.5
_FILLED = 0.94
"""Largest share of the picture's sides that the head fills, in any direction."""
_BACKGROUND = (232, 235, 240)
_SHADE = 0.2
"""Darkening of surface seen edge-on. The texture contains the photo's own light; this headlight
only shows the shape. Heads are the less like their photos the stronger it is: seen on portraits
031-050 by the method of `tools.evaluate_likeness` with other values here."""


@dataclass(frozen=True, eq=False)
class TurntableHead:
    """A head to be drawn from several sides.

    Attributes:
        mesh: model frame, split along the texture's seams.
        texture: (S, S, 3) uint8 RGB, row 0 at v = 1.
        centre_model: (3,) centre of rotation, metres: the centre of its bounding box.
        radius_m: of the head's bounding cylinder around the vertical axis through the centre.
    """

    mesh: SplitMesh
    texture: RgbImage
    centre_model: FloatArray
    radius_m: float


def turntable_head(head: TexturedHead) -> TurntableHead:
    """The subdivided head with its expression and texture."""
    mesh = head.shaped_mesh(HeadOptions(subdivisions=1))
    centre = (mesh.vertices.min(axis=0) + mesh.vertices.max(axis=0)) / 2
    offset = mesh.vertices - centre
    radius = float(np.hypot(offset[:, 0], offset[:, 2]).max())
    return TurntableHead(mesh, head.texture(), centre, radius)


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
    half_height = float(np.abs(head.mesh.vertices[:, 1] - head.centre_model[1]).max())
    scale = _FILLED / 2 * min(width / head.radius_m, height / half_height)
    pose = Pose(
        rotation=rotation_from_euler_deg(np.array([[yaw_deg, 0.0, 0.0]], dtype=np.float32)),
        scale=np.array([scale], dtype=np.float32),
        translation=np.array([[(width - 1) / 2, (height - 1) / 2]], dtype=np.float32),
    )
    centred = (head.mesh.vertices - head.centre_model).astype(np.float32)
    points = image_from_model(centred[None], pose)[0]
    picture = paint_head(head, points, (width, height))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def paint_head(head: TurntableHead, points: FloatArray, size: tuple[int, int]) -> RgbImage:
    """The head with its vertices at given picture positions, one ray per pixel."""
    width, height = size
    triangles = head.mesh.triangles
    # rays that miss the head would cost as much as those that hit it
    left, top = np.floor(points[:, :2].min(axis=0)).astype(int).clip(0).tolist()
    right, bottom = np.ceil(points[:, :2].max(axis=0)).astype(int).clip(0, size).tolist()
    grid = pixel_grid(right - left, bottom - top) + np.array([left, top], dtype=np.float32)
    hits = cast_along_z(points, triangles, grid)
    # left-handed frame: the winding of outward triangles is reversed
    normals = vertex_normals(points, triangles[:, [0, 2, 1]])
    values = np.concatenate([head.mesh.uv, normals[:, 2:]], axis=1)
    corners = values[triangles[np.maximum(hits.triangle, 0)]]
    at_ray = (corners * hits.barycentric[..., None]).sum(axis=1)
    u, v, facing = np.moveaxis(at_ray.reshape(bottom - top, right - left, 3), -1, 0)
    colours = texture_at(head.texture, u, v)
    colours *= (1.0 - _SHADE * (1.0 - facing.clip(0.0, 1.0)))[..., None]
    picture = np.full((height, width, 3), _BACKGROUND, dtype=np.uint8)
    is_head = hits.hit.reshape(facing.shape)
    picture[top:bottom, left:right][is_head] = colours[is_head].round().astype(np.uint8)
    return picture


def texture_at(texture: RgbImage, u: FloatArray, v: FloatArray) -> FloatArray:
    """Colours at texture coordinates, v up: (..., ) each to (..., 3) in 0..255."""
    side = len(texture)
    column, row = ((u * side - 0.5), ((1.0 - v) * side - 0.5))
    colours = interpolated(texture, *(np.ravel(a).astype(np.float32) for a in (column, row)))
    return colours.reshape(*np.shape(u), 3)
