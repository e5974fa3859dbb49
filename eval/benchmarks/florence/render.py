"""Renders textured scans by ray casting: no OpenGL, and the same pixels on every machine."""

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks.florence.scans import Scan
from eval.benchmarks.florence.views import IMAGE_SIDE, View
from eval.meshes.rays import cast_along_z, pixel_grid
from eval.scoring.metrics import Float64s

# Each pixel is the mean of this number squared of rays; one ray would alias a texture several
# thousand texels wide.
RAYS_PER_SIDE = 2


def render_scan(scan: Scan, view: View) -> NDArray[np.uint8]:
    """Render a scan: its texture without shading, on black.

    The scans' textures are photographs and contain the studio's light.

    Args:
        scan: with colour.
        view: the camera.

    Returns:
        (IMAGE_SIDE, IMAGE_SIDE, 3) uint8, RGB.

    Raises:
        ValueError: the scan was read without its colour.
    """
    if scan.colour is None:
        raise ValueError("the scan has no colour; read it with_colour=True")
    vertices = view.image_from_scan(scan.vertices)
    grid = pixel_grid(IMAGE_SIDE, IMAGE_SIDE)
    low, high = vertices[:, :2].min(axis=0) - 1, vertices[:, :2].max(axis=0) + 1
    seen = np.flatnonzero(((grid >= low) & (grid <= high)).all(axis=1))
    offsets = _offsets()
    hits = cast_along_z(
        vertices, scan.triangles, (grid[seen][None] + offsets[:, None]).reshape(-1, 2)
    )
    rows = np.flatnonzero(hits.hit)
    corners = scan.triangles[hits.triangle[rows]]
    colours = np.zeros((len(offsets) * len(seen), 3))
    colours[rows] = scan.colour.sample(corners, hits.barycentric[rows])
    image = np.zeros((IMAGE_SIDE * IMAGE_SIDE, 3), dtype=np.uint8)
    image[seen] = np.rint(colours.reshape(len(offsets), len(seen), 3).mean(axis=0))
    return image.reshape(IMAGE_SIDE, IMAGE_SIDE, 3)


def _offsets() -> Float64s:
    """Offsets of a pixel's rays from its centre: (RAYS_PER_SIDE ** 2, 2), pixels."""
    steps = (np.arange(RAYS_PER_SIDE) + 0.5) / RAYS_PER_SIDE - 0.5
    return np.asarray(np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2))
