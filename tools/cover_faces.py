"""Trains the cover network and labels real covers, for `tools.calibrate_confidence`.

There are two kinds of ground truth: synthetic covers (`tools.covers`) and real ones. Annotators
marked those of each face's 21 points that they could see. If a face looks at the camera and none
of its eye points is marked, it wears dark glasses or its eyes are hidden.
"""

from collections.abc import Iterator
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dasl.arrays import IntArray
from dasl.datasets.face_rows import Faces2d
from dasl.geometry.crop import CROP_SIZE
from dasl.network.cover_fit import Batch, fit_cover_network
from dasl.network.cover_network import CoverNetwork, upright_faces
from tools.covers import (
    EYES,
    FILLS,
    MOUTH,
    is_covered,
    over_eyes,
    over_mouth,
    over_something,
    under_cover,
)

Floats = NDArray[np.float32]

EYE_POINTS, MOUTH_POINTS = slice(6, 12), slice(17, 20)
FACING_DEG = 40.0
"""Both eyes are visible up to this yaw."""
BATCH, POOL, STEPS = 64, 200, 1200
JITTER_PX, JITTER_SCALE, JITTER_DEG = 3.0, 0.1, 8.0
"""Simulated errors of landmarks predicted on covered faces: shift, scale and roll."""
REAL_SHARE = 0.08
"""Share of a batch drawn from faces with real covers."""
BLURRED_SHARE, BLURRED_SIDES_PX = 0.3, (22.0, 80.0)
GREY_SHARE = 0.15


def real_covers(faces: Faces2d) -> Floats:
    """Labels (N, 2) of eyes and mouth from annotations: 1 covered, 0 visible, NaN unknown."""
    facing = np.abs(faces.yaw_deg.numpy()) < FACING_DEG
    marked = faces.visible21.numpy()
    columns = []
    for points, at_front in ((EYE_POINTS, 4), (MOUTH_POINTS, 2)):
        count = marked[:, points].sum(axis=1)
        seen = count >= np.where(facing, at_front, at_front // 2)
        columns.append(np.where(seen, 0.0, np.where(facing & (count == 0), 1.0, np.nan)))
    return np.stack(columns, axis=1).astype(np.float32)


def learned_cover_network(
    faces: Faces2d, patches: NDArray[np.uint8], steps: int | None = None
) -> CoverNetwork:
    """Train a cover network on faces under covers.

    Args:
        faces: to cover.
        patches: (P, 120, 120, 3) pictures for covers.
        steps: of training, `STEPS` for None.
    """
    steps = STEPS if steps is None else steps
    drawn = tqdm(
        islice(batches(faces, patches, np.random.default_rng(0)), steps),
        total=steps,
        desc="covers",
        unit="step",
        disable=None,
    )
    return fit_cover_network(drawn, steps)


def batches(
    faces: Faces2d, patches: NDArray[np.uint8], random: np.random.Generator
) -> Iterator[Batch]:
    """Endless batches: `POOL` are drawn, then repeated at random with new light and mirroring.

    Args:
        faces: to cover.
        patches: (P, 120, 120, 3) pictures for covers.
        random: draws faces and covers.
    """
    worn = np.flatnonzero((real_covers(faces) == 1.0).any(axis=1))
    pool = []
    while True:
        if len(pool) < POOL:
            rows = random.integers(len(faces), size=BATCH)
            if len(worn):
                some = random.random(BATCH) < REAL_SHARE
                rows[some] = random.choice(worn, some.sum())
            pool.append(_drawn(faces, rows, patches, random))
        upright, covered = pool[-1] if len(pool) < POOL else pool[random.integers(POOL)]
        mirrored = random.random(BATCH) < 0.5
        shown = np.where(mirrored[:, None, None, None], upright[..., ::-1], upright)
        yield _in_other_light(random, shown), covered


def _drawn(
    faces: Faces2d, rows: IntArray, patches: NDArray[np.uint8], random: np.random.Generator
) -> Batch:
    images, points = faces.images.numpy(), faces.detected68_crop[..., :2].numpy()
    real = real_covers(faces)
    pairs = [_one(random, images[row], points[row], real[row], patches) for row in rows]
    stacked = np.stack([picture for picture, _ in pairs]).transpose(0, 3, 1, 2)
    upright = _placed(random, np.ascontiguousarray(stacked), points[rows])
    return upright, np.array([covered for _, covered in pairs], np.float32)


def _one(
    random: np.random.Generator,
    image: NDArray[np.uint8],
    points: Floats,
    real: Floats,
    patches: NDArray[np.uint8],
) -> tuple[NDArray[np.floating], Floats]:
    picture, covered = image.transpose(1, 2, 0).astype(np.float32), real.copy()
    outlines = {0: over_eyes, 1: over_eyes, 2: over_mouth, 3: over_something}
    kind = int(random.integers(8))
    if kind in outlines:
        mask = outlines[kind](random, points)
        patch = patches[random.integers(len(patches))].astype(np.float32)
        if random.random() < 0.5:
            patch = np.roll(np.rot90(patch, random.integers(4)), random.integers(120), axis=1)
        picture = under_cover(random, picture, points, patch, mask, FILLS)
        for region, part in enumerate((EYES, MOUTH)):
            made = is_covered(mask, points[part])
            covered[region] = covered[region] if made == 0.0 or covered[region] == 1.0 else made
    if random.random() < BLURRED_SHARE:
        side = round(float(np.exp(random.uniform(*np.log(BLURRED_SIDES_PX)))))
        small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_LINEAR)
    return picture, covered


def _in_other_light(random: np.random.Generator, faces: Floats) -> Floats:
    """Augment faces (B, 3, 60, 60): brightness, colour, greyscale and noise."""
    count = (len(faces), 1, 1, 1)
    grey = random.random(count) < GREY_SHARE
    faces = np.where(grey, faces.mean(axis=1, keepdims=True), faces)
    colours = np.exp(random.normal(0, 0.05, (len(faces), 3, 1, 1)))
    lit = faces * np.exp(random.normal(0, 0.35, count)) * colours + random.uniform(-20, 20, count)
    noise = random.standard_normal(faces.shape, np.float32) * random.uniform(0, 5, count)
    return (lit + noise).clip(0, 255).astype(np.float32)


def _placed(random: np.random.Generator, images: Floats, points: Floats) -> Floats:
    """Crop upright faces with jittered landmarks."""
    count = len(images)
    lean = lean_of(points) + np.radians(random.normal(0, JITTER_DEG / 2, count))
    size = 1 + JITTER_SCALE * random.uniform(-1, 1, (count, 1, 1))
    middle = points.mean(axis=1, keepdims=True)
    shift = random.uniform(-JITTER_PX, JITTER_PX, (count, 1, 2))
    moved = (points - middle) * size + middle + shift
    upright: Floats = upright_faces(images, moved.astype(np.float32), lean.astype(np.float32))
    return upright


def lean_of(points_crop: NDArray[np.floating]) -> NDArray[np.floating]:
    """Clockwise roll (B,), radians, of landmarks (B, 68, 2), from chin to bridge of the nose."""
    up = points_crop[:, 27] - points_crop[:, 8]
    lean: NDArray[np.floating] = np.arctan2(up[:, 0], -up[:, 1])
    return lean
