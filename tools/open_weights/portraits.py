"""Portraits of the data root, fitted with the open head to MediaPipe's points.

`portrait_points.json` holds the 478 points of each portrait (`tools.open_weights.label_portraits`).
The 68 landmarks are a subset of them. The jaw line's points lie elsewhere along the contour than
iBUG's, so their weight is small.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from dasl.geometry.crop import CROP_SIZE, square_crop_from_landmarks
from dasl.head.fitting import FitConfig, FitResult, Observations, fit
from dasl.head.morphable_model import MorphableModel

POINTS_FILE = Path(__file__).parent / "portrait_points.json"
TRAINING, MEASURING = range(1, 31), range(31, 51)
IBUG_IN_MESH = (
    *(127, 234, 93, 132, 58, 136, 150, 176, 152, 400, 379, 365, 288, 361, 323, 454, 356),
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300),
    *(168, 197, 5, 4, 75, 97, 2, 326, 305),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),
    *(78, 82, 13, 312, 308, 317, 14, 87),
)
"""For each of iBUG's 68 points, the nearest of MediaPipe's 478."""
JAW, BROWS = slice(0, 17), slice(17, 27)
JAW_WEIGHT, BROW_WEIGHT = 0.15, 0.5
DEPTH_WEIGHT, JAW_DEPTH_WEIGHT = 0.05, 0.02
FIT = FitConfig(sigma_px=0.8)
Floats = NDArray[np.float32]


def names_of(numbers: Sequence[int]) -> list[str]:
    """The portraits among `numbers` in which a face was found, as "001"."""
    points = _points()
    return [name for name in (f"{n:03d}" for n in numbers) if points[name] is not None]


def landmarks68(name: str) -> Floats:
    """Landmarks (68, 3) of a portrait, photo pixels; z in the same unit, larger is nearer."""
    points = np.array(_points()[name], dtype=np.float32)[list(IBUG_IN_MESH)]
    return points * np.array([1.0, 1.0, -1.0], dtype=np.float32)


def observed(numbers: Sequence[int]) -> Observations:
    """Landmarks of the portraits in `names_of`, in pixels of their crops."""
    points = [in_crop(landmarks68(name)) for name in names_of(numbers)]
    weight = np.ones((len(points), 68, 3), dtype=np.float32)
    weight[:, JAW], weight[:, BROWS] = JAW_WEIGHT, BROW_WEIGHT
    weight[:, :, 2] = DEPTH_WEIGHT
    weight[:, JAW, 2] = JAW_DEPTH_WEIGHT
    return Observations(torch.from_numpy(np.stack(points)), torch.from_numpy(weight))


def fitted(model: MorphableModel, observations: Observations) -> FitResult:
    """The head fitted to each portrait; poses map to crops."""
    return fit(model, observations, FIT)


def in_crop(points: Floats) -> Floats:
    """Convert photo points (68, 3) to pixels of their own crop."""
    box = square_crop_from_landmarks(points[:, :2])
    scale = CROP_SIZE / (box[2] - box[0])
    moved = points * scale
    moved[:, :2] -= box[:2] * scale + 0.5 * (1 - scale)
    return moved.astype(np.float32)


def _points() -> dict[str, list[list[float]] | None]:
    points: dict[str, list[list[float]] | None] = json.loads(POINTS_FILE.read_text())
    return points
