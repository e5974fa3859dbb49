"""Compares the errors with detected and with given boxes, on hard photos of known faces.

    python -m tools.evaluate_detector --root DATA
    python -m tools.evaluate_detector --root DATA --limit 200 --half 0

The photos are composed from validation faces (`tools.hard_photos`): turned, cut by the border,
covered, blurred, dark, or with a second face. The main face of each is predicted as `dasl predict`
does, once with `--boxes detector` and once from the crop around its known landmarks. The error is
measured at the hand-placed points and capped at 100 %; photos without a detection get 100 %. The
rules were chosen on `--half 0`; report the figures of `--half 1`.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from dasl.datasets.face_rows import Faces2d
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.handplaced import handplaced_nme
from dasl.errors import DaslError
from dasl.geometry.crop import square_crop_from_landmarks
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.reconstruction.regression import Regression
from tools import no_faces
from tools.data_root import parse, parser_with_root
from tools.hard_photos import KINDS, HardPhoto, hard_photo

LOST = 0.08
"""A face is lost if its error exceeds that from the given crop by more than this."""
WORST = 1.0
Floats = NDArray[np.floating]


def main(arguments: list[str] | None = None) -> int:
    """Print the table; returns the exit status."""
    options = parse(parser_of_half(__doc__), arguments)
    random = np.random.default_rng(options.half)
    try:
        faces, patches, reconstructor = material(options.root, random)
    except DaslError as error:
        print(f"evaluate_detector: {error}", file=sys.stderr)
        return 1
    rows = range(options.half, len(faces), 2)[: options.limit]
    images = faces.images.permute(0, 2, 3, 1).numpy()
    kinds, errors = [], []
    for number, row in enumerate(tqdm(rows, unit="face", disable=None)):
        kind = KINDS[number % len(KINDS)]
        points = faces.detected68_crop[row, :, :2].numpy()
        patch, other = (some[random.integers(len(some))] for some in (patches, images))
        photo = hard_photo(kind, random, images[row], points, patch, other)
        crop = square_crop_from_landmarks(photo.in_photo(points))
        answers = (
            reconstructor.regress_main(photo.pixels),
            reconstructor.regress(photo.pixels, crops=[crop]),
        )
        truth = faces.landmarks21_crop[row], faces.visible21[row]
        errors.append([error_of(photo, answer, *truth) for answer in answers])
        kinds.append(kind)
    print(report(np.array(kinds), np.array(errors)))
    return 0


def parser_of_half(description: str | None) -> argparse.ArgumentParser:
    """`parser_with_root`, with the half of the validation faces and their number."""
    parser = parser_with_root(description)
    parser.add_argument("--limit", type=int, default=10_000, help="faces (default all)")
    parser.add_argument("--half", type=int, choices=(0, 1), default=1, help="default 1")
    return parser


def material(
    root: Path, random: np.random.Generator
) -> tuple[Faces2d, no_faces.Crops, FaceReconstructor]:
    """Validation faces, pictures for backgrounds and covers, and what is measured.

    Raises:
        DaslError: data or weights are missing.
    """
    faces = read_faces_2d(root, "validation")
    return faces, no_faces.to_learn_from(root, random), FaceReconstructor.from_pretrained()


def report(kinds: NDArray[np.str_], errors: Floats) -> str:
    """Format the table in Markdown.

    Args:
        kinds: (N,) of `KINDS`.
        errors: (N, 2) with the detected and the given box; NaN without ground truth.
    """
    kinds, errors = kinds[~np.isnan(errors[:, 1])], errors[~np.isnan(errors[:, 1])]
    lines = ["| | photos | own box | given box | not found | lost |", "|---|---|---|---|---|---|"]
    for kind in (*KINDS, "all"):
        own, given = errors[(kinds == kind) | (kind == "all")].T
        if len(own):
            lines.append(
                f"| {kind} | {len(own)} | {own.clip(0, WORST).mean():.2%} "
                f"| {given.clip(0, WORST).mean():.2%} | {np.isinf(own).mean():.1%} "
                f"| {(own > given + LOST).mean():.1%} |"
            )
    return "\n".join(lines)


def error_of(
    photo: HardPhoto, answer: Regression | None, truth: torch.Tensor, visible: torch.Tensor
) -> float:
    if answer is None:
        return float("inf")
    points = photo.in_crop(answer.landmarks_image[0, :, :2])
    on_crop = torch.from_numpy(points.astype(np.float32))[None]
    return float(handplaced_nme(on_crop, truth[None], visible[None]))


if __name__ == "__main__":
    sys.exit(main())
