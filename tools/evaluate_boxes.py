"""Compares the errors with poor face boxes and with the right crop, on validation faces.

    python -m tools.evaluate_boxes --root DATA
    python -m tools.evaluate_boxes --root DATA --half 0 --from-yaw 60 --draws 3

Each face is pasted into another picture (`tools.hard_photos`). Its box is moved by up to a quarter
of the crop's side and scaled by 0.65 to 1.5, as a detector's box of a profile can be. Rules were
chosen on `--half 0`; report the figures of `--half 1`.
"""

import sys

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dasl.errors import DaslError
from dasl.geometry.crop import BOX_TO_CROP_DOWN, BOX_TO_CROP_SIDE, square_crop_from_landmarks
from eval.scoring.metrics import YAW_BINS, yaw_bins
from tools.data_root import parse
from tools.evaluate_detector import LOST, error_of, material, parser_of_half
from tools.hard_photos import hard_photo

LARGEST_SHIFT = 0.25
ZOOMS = (0.65, 1.5)
Floats = NDArray[np.floating]


def main(arguments: list[str] | None = None) -> int:
    """Print the table; returns the exit status."""
    parser = parser_of_half(__doc__)
    parser.add_argument("--from-yaw", type=float, default=0.0, help="smallest yaw, degrees")
    parser.add_argument("--draws", type=int, default=1, help="boxes of each face (default 1)")
    options = parse(parser, arguments)
    random = np.random.default_rng(options.half)
    try:
        faces, patches, reconstructor = material(options.root, random)
    except DaslError as error:
        print(f"evaluate_boxes: {error}", file=sys.stderr)
        return 1
    images, yaw_deg = faces.images.permute(0, 2, 3, 1).numpy(), faces.yaw_deg.numpy()
    chosen = np.flatnonzero(np.abs(yaw_deg) >= options.from_yaw)
    rows = np.tile(chosen[chosen % 2 == options.half][: options.limit], options.draws)
    errors = []
    for row in tqdm(rows.tolist(), unit="face", disable=None):
        points = faces.detected68_crop[row, :, :2].numpy()
        patch = patches[random.integers(len(patches))]
        photo = hard_photo("plain", random, images[row], points, patch, images[row])
        crop = square_crop_from_landmarks(photo.in_photo(points))
        answers = (
            reconstructor.regress(photo.pixels, boxes=[poor_box(crop, random)]),
            reconstructor.regress(photo.pixels, crops=[crop]),
        )
        truth = faces.landmarks21_crop[row], faces.visible21[row]
        errors.append([error_of(photo, answer, *truth) for answer in answers])
    print(report(yaw_deg[rows], np.array(errors)))
    return 0


def poor_box(crop: Floats, random: np.random.Generator) -> Floats:
    """A face box (4,) whose rough crop lies beside the right one, photo pixels."""
    side = float(crop[2] - crop[0])
    shift = random.uniform(-LARGEST_SHIFT, LARGEST_SHIFT, 2) * side
    zoom = np.exp(random.uniform(*np.log(ZOOMS)))
    longest = zoom * side / BOX_TO_CROP_SIDE
    middle = (crop[:2] + crop[2:]) / 2 + shift - [0.0, BOX_TO_CROP_DOWN * longest]
    box: Floats = np.concatenate([middle - longest / 2, middle + longest / 2])
    return box


def report(yaw_deg: Floats, errors: Floats) -> str:
    """Format the table in Markdown.

    Args:
        yaw_deg: (N,).
        errors: (N, 2) with the poor box and the right crop; NaN without ground truth.
    """
    known = ~np.isnan(errors).any(axis=1)
    bins, errors = yaw_bins(yaw_deg[known]), errors[known]
    lines = ["| yaw | photos | poor box | right crop | lost |", "|---|---|---|---|---|"]
    for number, label in enumerate(YAW_BINS):
        poor, right = errors[bins == number].T
        if len(poor):
            lines.append(
                f"| {label} | {len(poor)} | {poor.mean():.2%} | {right.mean():.2%} "
                f"| {(poor > right + LOST).mean():.1%} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
