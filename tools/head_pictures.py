"""Small ray-cast pictures of heads for the sheets in `docs/`, as clay or textured."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dasl.geometry.coefficients import Pose
from dasl.geometry.frames import flip_winding, image_from_model
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.mesh import SplitMesh, vertex_normals
from dasl.pictures.head import texture_at
from eval.meshes.rays import cast_along_z, pixel_grid

Picture = NDArray[np.uint8]
CLAY = np.array([214.0, 188.0, 172.0])
LIGHT = np.array([-0.35, -0.45, 0.82])
AMBIENT = 0.25
SUPERSAMPLING = 2
# Centre of rotation, between the ears, which stays at the picture's centre (metres).
HEAD_CENTRE_MODEL = np.array([0.0, 0.01, -0.08], dtype=np.float32)


def head_picture(
    vertices_model: NDArray[np.floating],
    triangles: NDArray[np.integer],
    *,
    yaw_deg: float = 0.0,
    pitch_deg: float = 0.0,
    size: tuple[int, int] = (200, 240),
    pixels_per_metre: float = 820.0,
    textured: tuple[SplitMesh, Picture] | None = None,
) -> Picture:
    """One head on white, seen from an angle.

    Args:
        vertices_model: (V, 3) metres.
        triangles: (T, 3) outward.
        yaw_deg: yaw of the head.
        pitch_deg: pitch of the head, positive = up.
        size: width and height, pixels.
        pixels_per_metre: scale.
        textured: UVs and texture; the head is then drawn without shading, and its vertices and
            triangles must be the given ones.
    """
    width, height = (side * SUPERSAMPLING for side in size)
    pose = Pose(
        rotation=rotation_from_euler_deg(np.array([[yaw_deg, pitch_deg, 0.0]], dtype=np.float32)),
        scale=np.array([pixels_per_metre * SUPERSAMPLING], dtype=np.float32),
        translation=np.array([[width / 2, height / 2]], dtype=np.float32),
    )
    centred = vertices_model.astype(np.float32) - HEAD_CENTRE_MODEL
    points = image_from_model(centred[None], pose)[0]
    hits = cast_along_z(points, triangles, pixel_grid(width, height))
    picture = np.full((height * width, 3), 255.0)
    corners = triangles[hits.triangle[hits.hit]]
    weights = hits.barycentric[hits.hit][..., None]
    if textured is None:
        normals = vertex_normals(points, flip_winding(triangles))
        normal = (normals[corners] * weights).sum(axis=1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True).clip(1e-9)
        light = (normal @ (LIGHT / np.linalg.norm(LIGHT))).clip(0, 1)
        picture[hits.hit] = CLAY * (AMBIENT + (1 - AMBIENT) * light)[:, None]
    else:
        split, texture = textured
        uv = (split.uv[corners] * weights).sum(axis=1)
        picture[hits.hit] = texture_at(texture, uv[:, 0], uv[:, 1])
    large = Image.fromarray(picture.reshape(height, width, 3).round().astype(np.uint8))
    return np.asarray(large.resize(size, Image.Resampling.BOX))


def sheet(pictures: list[Picture], columns: int) -> Picture:
    """Pictures of one size in rows."""
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    blank = np.full_like(pictures[0], 255)
    full = [np.concatenate(row + [blank] * (columns - len(row)), axis=1) for row in rows]
    return np.concatenate(full, axis=0)
