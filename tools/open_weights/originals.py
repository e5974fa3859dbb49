"""Rendered people and panoramas, for calibrating the open weights without photos of faces_2d."""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from dasl.datasets.face_rows import Faces2d
from dasl.datasets.face_set import FaceSet, load_face_set
from dasl.geometry.crop import CROP_SIZE
from tools.judged_faces import Originals
from tools.no_faces import Crops, corners
from tools.open_weights.portraits import MEASURING, TRAINING
from tools.open_weights.skins import view_of

PANORAMAS, PORTRAITS = "panoramas", "portraits.safetensors"
VALIDATION, PEOPLE = "validation.safetensors", "people.safetensors"
VIEWS = 12
"""Views of each panorama; every fourth panorama is for measuring."""


def add_rendered_option(parser: argparse.ArgumentParser) -> None:
    """Declare `--rendered`, for weights that must not use photos of faces_2d."""
    parser.add_argument(
        "--rendered",
        type=Path,
        metavar="FOLDER",
        help="use the sets of `tools.open_weights.render` in this folder, not faces_2d",
    )


def rendered_originals(root: Path, folder: Path, training_faces: int) -> Originals:
    """Load rendered faces, and pictures without a face.

    Args:
        root: data root, for the corners of portraits.
        folder: with the rendered sets and panoramas.
        training_faces: largest number of faces to take for training.

    Raises:
        ConfigError: a set is missing.
    """
    random = np.random.default_rng(0)
    people = load_face_set(folder / PEOPLE)
    few = torch.arange(min(training_faces, len(people)))
    paths = sorted((folder / PANORAMAS).glob("*.png"))
    return Originals(
        _faces(load_face_set(folder / VALIDATION)),
        _faces(people.select(few)),
        _no_faces(random, [p for n, p in enumerate(paths) if n % 4], root, TRAINING),
        _no_faces(random, paths[::4], root, MEASURING),
    )


def _faces(faces: FaceSet) -> Faces2d:
    return Faces2d(
        ids=faces.ids,
        images=faces.images,
        landmarks21_crop=faces.landmarks21_crop,
        visible21=faces.visible21,
        detected68_crop=faces.landmarks68_crop,
        yaw_deg=faces.yaw_deg,
    )


def _no_faces(
    random: np.random.Generator, panoramas: list[Path], root: Path, portraits: range
) -> Crops:
    """(N, 120, 120, 3) views of panoramas, and corners of portraits."""
    views = []
    for path in panoramas:
        panorama = np.asarray(Image.open(path).convert("RGB"))
        for _ in range(VIEWS):
            view = Image.fromarray(view_of(random, panorama))
            views.append(np.asarray(view.resize((CROP_SIZE, CROP_SIZE))))
    return np.stack(views + corners(root, portraits, random))
