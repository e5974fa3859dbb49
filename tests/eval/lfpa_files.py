"""An invented AFLW-LFPA: the field names of the real one, faces made of a known map."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

FACE_PX = 200.0
NOISE = 0.005  # of the truth, in face sizes
# iBUG point (1-based) to weight, repeated over the 34 points; each adds up to one.
RECIPES = (
    {18: 1.0},
    {37: 0.5, 40: 0.5},
    {3: 0.8, 34: 0.2},
    {49: 1.5, 55: -0.5},
    {43: 0.25, 46: 0.25, 28: 0.5},
)


def known_weights() -> NDArray[np.float64]:
    """(34, 68) weights of the invented truth: the recipes in turn, shifted to other points."""
    weights = np.zeros((34, 68))
    for row in range(34):
        for number, weight in RECIPES[row % len(RECIPES)].items():
            weights[row, (number - 1 + row) % 68] = weight
    return weights


def invented_landmarks(count: int, seed: int) -> NDArray[np.float64]:
    """(count, 68, 3) faces: a fixed shape whose points move freely, scaled, turned, shifted."""
    generator = np.random.default_rng(seed)
    shape = np.random.default_rng(99).uniform(-0.5, 0.5, size=(68, 2))
    faces = shape + generator.normal(scale=0.05, size=(count, 68, 2))
    angles = generator.uniform(-0.5, 0.5, size=count)
    turns = np.array([[np.cos(angles), np.sin(angles)], [-np.sin(angles), np.cos(angles)]])
    scales = generator.uniform(0.5, 1.5, size=(count, 1, 1)) * FACE_PX
    shifts = generator.uniform(300.0, 900.0, size=(count, 1, 2))
    xy = np.einsum("nkc,cdn->nkd", faces, turns) * scales + shifts
    return np.concatenate([xy, np.zeros((count, 68, 1))], axis=2)


def invented_truth(
    landmarks68: NDArray[np.float64], seed: int, noise: float = NOISE
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(N, 34, 2) points by the known map with noise, and (N, 34) which of them are visible."""
    generator = np.random.default_rng(seed)
    points = known_weights() @ landmarks68[..., :2]
    size = np.sqrt(np.prod(np.ptp(landmarks68[..., :2], axis=1), axis=1))
    points = points + generator.normal(size=points.shape) * noise * size[:, None, None]
    visible = generator.random(points.shape[:2]) < 0.7
    visible[:, :2] = True
    return points, visible


def table(points: NDArray[np.float64], visible: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N, 102) as in Landmark.mat: 34 x, 34 y, 34 visibilities; -1 where not visible."""
    shown = np.where(visible[..., None], points, -1.0)
    return np.concatenate([shown[..., 0], shown[..., 1], visible], axis=1)


def write_set(
    folder: Path,
    test: tuple[NDArray[np.float64], NDArray[np.bool_]],
    training: tuple[NDArray[np.float64], NDArray[np.bool_]],
    boxes: NDArray[np.float64] | None = None,
) -> None:
    """Both mats; the boxes' field name is invented, the set's readers do not tell it."""
    savemat(folder / "Landmark.mat", {"phisT": table(*test), "phisTr": table(*training)})
    if boxes is None:
        points, visible = test
        low = np.where(visible[..., None], points, np.inf).min(axis=1)
        high = np.where(visible[..., None], points, -np.inf).max(axis=1)
        boxes = np.concatenate([low, high - low], axis=1)
    savemat(folder / "BoundingBox.mat", {"boxes_of_test": boxes})
