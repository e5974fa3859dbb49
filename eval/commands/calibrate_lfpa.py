"""`python -m eval calibrate-lfpa`: fits the map from 68 points to AFLW-LFPA's 34."""

import argparse
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from eval.benchmarks.aflw_lfpa.data import TRAINING, Lfpa, load_part
from eval.benchmarks.aflw_lfpa.fit import Fit, FitSettings, Training, fit_map
from eval.benchmarks.aflw_lfpa.map import LandmarkMap, rounded, save_map
from eval.benchmarks.protocol import method_facts
from eval.commands.data_option import add_data_option, refuse_no_data
from eval.errors import MapError
from eval.scoring.metrics import box_sizes
from eval.submissions.submission import Submission, read_submission
from eval.untrusted.text import printable

EXAMPLES = """example:
  python -m eval calibrate-lfpa --root /data/AFLW-LFPA --predictions mine_train.npz \\
      --output mine_map.json
  python -m eval score aflw-lfpa mine_test.npz --root /data/AFLW-LFPA --map mine_map.json

The predictions are a method's 68 points on all 3,901 training images, in the pixels of
Landmark.mat, a failed face as a row of NaN. The map removes systematic differences between these
points and the data set's, including the method's own bias. State which method the map was made
from; every result does.
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "calibrate-lfpa",
        help="fit the map from 68 points to AFLW-LFPA's 34",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_data_option(parser, "folder of Landmark.mat or its parent")
    parser.add_argument(
        "--predictions",
        type=Path,
        required=True,
        metavar="FILE",
        help=".npz submission with 68 points on the training images",
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="MAP.json", help="where to write the map"
    )
    parser.add_argument("--name", help="name of the map (default: the output's stem)")
    parser.add_argument(
        "--photos",
        type=Path,
        metavar="DIR",
        help="folder of the training part's numbered jpgs alone, whose stems are the ids "
        "(default: ids are 1 to 3901, the rows of phisTr)",
    )
    _add_settings(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the fit."""
    parser.add_argument(
        "--ridge",
        type=float,
        default=FitSettings.ridge,
        metavar="X",
        help="pull towards equal weights, in squared face sizes (default: %(default)s)",
    )
    parser.add_argument(
        "--most-points",
        type=int,
        default=FitSettings.most_points,
        metavar="N",
        help="at most this many of the 68 points make up one of the 34 (default: %(default)s)",
    )


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Fit, write the map, and return it as text."""
    refuse_no_data(parser, options.root)
    settings = FitSettings(options.ridge, options.most_points)
    faces = load_part(options.root, TRAINING, with_boxes=False, photos=options.photos)
    submission = read_submission(options.predictions)
    name = printable(options.name or options.output.stem)
    landmark_map, fit = calibrate(faces, submission, settings, name)
    save_map(options.output, landmark_map)
    return map_text(landmark_map, fit)


def calibrate(
    faces: Lfpa, submission: Submission, settings: FitSettings, name: str
) -> tuple[LandmarkMap, Fit]:
    """Fit a map to a method's points on the training part.

    Args:
        faces: the training part.
        submission: 68 points for exactly its ids.
        settings: the regularisation.
        name: of the map.

    Raises:
        SubmissionError: ids do not match.
        MapError: too few faces, or predictions and truth do not match.
    """
    predicted = submission.in_order(faces.ids)[..., :2]
    size = box_sizes(predicted)
    rows = np.flatnonzero(size > 0)  # a failed face has no size either
    if not rows.size:
        raise MapError("all rows of the predictions are NaN; there is nothing to fit to")
    fit = fit_map(Training(predicted[rows], faces.points[rows], faces.visible[rows]), settings)
    facts = method_facts(submission.meta)
    made: dict[str, str | int | float] = {
        "method": facts.method,
        "weights_revision": facts.weights_revision,
        "predictions_sha256": submission.sha256,
        "truth_source": faces.truth_source,
        "truth_sha256": hashlib.sha256(faces.annotation.tobytes()).hexdigest(),
        "images_used": fit.images,
        "images_failed": len(faces.ids) - len(rows),
        "images_set_aside": fit.set_aside,
        "ridge": settings.ridge,
        "most_points": settings.most_points,
        "held_out_rms_of_68_point_box": round(float(np.sqrt(np.mean(fit.held_out**2))), 6),
        "created": datetime.now(UTC).date().isoformat(),
    }
    return LandmarkMap(name, rounded(fit.weights), made), fit


def map_text(landmark_map: LandmarkMap, fit: Fit) -> str:
    """The map as a table: each point, the images that show it, its error and its weights."""
    made = landmark_map.made
    lines = [
        f"map {landmark_map.name}, sha256 {landmark_map.sha256}",
        f"made from {made['method']}'s points on {fit.images:,} training images; "
        f"{made['images_failed']} had none, {fit.set_aside} were set aside as lost",
        "",
        "point  images  held-out RMS, % of 68-point box  made of iBUG points (1-based)",
    ]
    for row, weights in enumerate(landmark_map.sparse()):
        parts = sorted(weights.items(), key=lambda item: -abs(item[1]))
        terms = "  ".join(f"{weight:+.3f} x {number}" for number, weight in parts)
        lines.append(f"{row + 1:5}  {fit.seen[row]:6}  {100 * fit.held_out[row]:31.2f}  {terms}")
    return "\n".join(lines) + "\n"
