"""Occluders in front of a face: blobs filled with a photo patch or a flat colour."""

import cv2
import numpy as np
from numpy.typing import NDArray

from dasl.datasets.rendered.scene import draw_colour

Floats = NDArray[np.float32]

OCCLUDED_SHARE = 0.25
CORNERS = (4, 9)
RADIUS = (0.06, 0.22)
"""Mean radius, relative to the picture's side."""
FROM_CENTRE = (0.15, 0.5)
"""Distance of an occluder's centre from the picture's, relative to its side; rarely on the nose."""
SOFTNESS = 0.006


def occlude(random: np.random.Generator, picture: Floats, patch: Floats) -> None:
    """Cover a part of some pictures, in place.

    Args:
        random: draws whether, where and with what to cover.
        picture: (side, side, 3) linear light.
        patch: (side, side, 3) linear light, the content of photo occluders.
    """
    if random.random() >= OCCLUDED_SHARE:
        return
    side = len(picture)
    cover = _outline(random, side)
    shown = patch * random.uniform(0.4, 1.6)
    if random.random() < 0.5:
        shown = draw_colour(random) * (0.6 + 0.8 * patch / max(float(patch.max()), 1e-3))
    picture += cover[..., None] * (np.clip(shown, 0.0, 1.0) - picture)


def _outline(random: np.random.Generator, side: int) -> Floats:
    """(side, side) mask, 1 inside a ragged or round blob with soft borders, 0 outside."""
    angle, distance = random.uniform(0, 2 * np.pi), random.uniform(*FROM_CENTRE) * side
    centre = side / 2 + distance * np.array([np.cos(angle), np.sin(angle)])
    corners = int(random.integers(*CORNERS))
    turns = np.sort(random.uniform(0, 2 * np.pi, corners))
    radii = random.uniform(*RADIUS) * side * random.uniform(0.6, 1.5, corners)
    stretch = random.uniform(0.5, 1.6)
    points = centre + radii[:, None] * np.stack([np.cos(turns) * stretch, np.sin(turns)], axis=1)
    mask = np.zeros((side, side), dtype=np.float32)
    if random.random() < 0.5:
        size = (2 * float(radii.mean()) * stretch, 2 * float(radii.mean()))
        place = (float(centre[0]), float(centre[1]))
        cv2.ellipse(mask, (place, size, float(np.degrees(angle))), 1.0, -1)
    else:
        cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), SOFTNESS * side), dtype=np.float32)
