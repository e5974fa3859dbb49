"""Copies of photos in other sizes, and the overlap of found boxes with true ones."""

import numpy as np
from PIL import Image

from dasl.photo.detector import Detection


def resized(image: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def overlap(a: Detection, box: np.ndarray) -> float:
    """Intersection over union of a detection and a box."""
    mine = np.array(a.box)
    sides = np.minimum(mine[2:], box[2:]) - np.maximum(mine[:2], box[:2])
    shared = np.prod(np.clip(sides, 0, None))
    return float(shared / (a.area + np.prod(box[2:] - box[:2]) - shared))
