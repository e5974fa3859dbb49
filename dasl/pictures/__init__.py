"""Pictures of reconstructed faces: arrays in, arrays out, ray cast on the CPU.

Each kind has a module with a `Draw` function. Depth, normals and PNCC are also available as values
(`depth_map_mm`, `normal_map_view`, `pncc_map`).

Example:
    >>> from dasl.pictures import PICTURES, write_turntable
    >>> sorted(PICTURES)
    ['depth', 'landmarks', 'mesh', 'normals', 'pncc', 'pose', 'uv']
    >>> picture = PICTURES["depth"](photo, faces)               # doctest: +SKIP
    >>> write_turntable("head.mp4", faces[0])                   # doctest: +SKIP
"""

from collections.abc import Callable, Sequence

from dasl.arrays import RgbImage
from dasl.pictures.depth import depth_map_mm, draw_depth
from dasl.pictures.landmarks import draw_landmarks
from dasl.pictures.mesh import draw_dense_mesh
from dasl.pictures.normals import draw_normals, normal_map_view
from dasl.pictures.pncc import draw_pncc, pncc_map
from dasl.pictures.pose import draw_pose
from dasl.pictures.turntable import turntable_frames, write_turntable
from dasl.pictures.uv import draw_uv
from dasl.reconstruction.face import Face

Draw = Callable[[RgbImage, Sequence[Face]], RgbImage]
"""From a photo (H, W, 3) uint8 RGB and its faces to a picture, uint8 RGB; inputs are not modified.
The picture has the photo's size, plus a legend below if colours encode values; `uv` has the
textures' size."""

PICTURES: dict[str, Draw] = {
    "landmarks": draw_landmarks,
    "mesh": draw_dense_mesh,
    "depth": draw_depth,
    "normals": draw_normals,
    "pncc": draw_pncc,
    "uv": draw_uv,
    "pose": draw_pose,
}

__all__ = [
    "PICTURES",
    "Draw",
    "depth_map_mm",
    "draw_dense_mesh",
    "draw_depth",
    "draw_landmarks",
    "draw_normals",
    "draw_pncc",
    "draw_pose",
    "draw_uv",
    "normal_map_view",
    "pncc_map",
    "turntable_frames",
    "write_turntable",
]
