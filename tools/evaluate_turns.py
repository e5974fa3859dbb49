"""Compares predictions for rotated and upright photos, rotated by 45-degree steps.

    python -m tools.evaluate_turns --root DATA
    python -m tools.evaluate_turns --root DATA --benchmark 60   # and photos of AFLW2000-3D
    python -m tools.evaluate_turns --root DATA --first 51 --last 70

Each photo is rotated about its centre, the detector finds the face, and the 68 predicted
landmarks are rotated back. The error is their distance from those of the upright photo, divided by
the size of the face. A photo without a detection counts as infinitely wrong.

The last line is of photos of two people: portraits side by side. It counts those on which both are
found.
"""

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from dasl.arrays import RgbImage
from dasl.errors import DaslError
from dasl.photo.load import load_photo
from dasl.reconstruction.reconstructor import FaceReconstructor
from eval.benchmarks.aflw2000.data import load_benchmark
from eval.errors import EvalError
from tools.data_root import parse, parser_with_root

TURNS_DEG = (45, 90, 135, 180, 225, 270, 315)
FAR_OFF = 9.0
Points = NDArray[np.floating]


def main(arguments: list[str] | None = None) -> int:
    """Print the table; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--first", type=int, default=31, help="number of a portrait (default 31)")
    parser.add_argument("--last", type=int, default=70, help="the last one (default 70)")
    parser.add_argument(
        "--benchmark",
        type=int,
        default=0,
        metavar="COUNT",
        help="also photos of AFLW2000-3D, evenly spaced in its list (default 0); no truth is read",
    )
    options = parse(parser, arguments)
    numbers = range(options.first, options.last + 1)
    paths = [options.root / "portraits" / f"{number:03d}.jpg" for number in numbers]
    try:
        if options.benchmark:
            others = load_benchmark(options.root).image_paths
            paths += [
                others[row * len(others) // options.benchmark] for row in range(options.benchmark)
            ]
        reconstructor = FaceReconstructor.from_pretrained()
        photos = (load_photo(path) for path in tqdm(paths, unit="photo", disable=None))
        errors = np.array([turn_errors(reconstructor, photo) for photo in photos])
        people = [load_photo(path) for path in paths[: len(numbers) // 2 * 2]]
        both = both_found(reconstructor, list(zip(people[::2], people[1::2], strict=True)))
    except (DaslError, EvalError) as error:
        print(f"evaluate_turns: {error}", file=sys.stderr)
        return 1
    quarters = np.array(TURNS_DEG) % 90 == 0
    for name, some in (("all", errors), ("quarters", errors[:, quarters])):
        print(
            f"{name:8s} {some.size:4d} photos: median {np.median(some):.2%} of the face's size, "
            f"{np.mean(some <= 0.01):.1%} within 1 %, {np.mean(some <= 0.03):.1%} within 3 %"
        )
    count = len(people) // 2
    turns = ", ".join(f"{number} at {turn_deg}" for turn_deg, number in both.items())
    print(f"both of two people are found on {turns} degrees, of {count} photos each")
    return 0


def both_found(
    reconstructor: FaceReconstructor, pairs: Sequence[tuple[RgbImage, RgbImage]]
) -> dict[int, int]:
    """By clockwise rotation: the number of photos of two people with two faces found.

    Args:
        reconstructor: finds and predicts the faces.
        pairs: portraits of equal height, put side by side.
    """
    found = dict.fromkeys((0, 90, 180, 270), 0)
    for pair in tqdm(pairs, unit="pair", disable=None):
        photo = np.concatenate(pair, axis=1)
        for turn_deg in found:
            turned = np.ascontiguousarray(np.rot90(photo, -turn_deg // 90))
            faces = reconstructor.regress(turned)
            found[turn_deg] += faces is not None and len(faces.confidence) == len(pair)
    return found


def turn_errors(
    reconstructor: FaceReconstructor, photo: RgbImage, turns_deg: Sequence[float] = TURNS_DEG
) -> list[float]:
    """The error at each rotation of one photo, as a fraction of the size of the face."""
    upright = _largest_face(reconstructor, photo)
    if upright is None:
        return [FAR_OFF] * len(turns_deg)
    size = np.sqrt(np.ptp(upright, axis=0).prod())
    errors = []
    for turn_deg in turns_deg:
        turned = np.asarray(
            Image.fromarray(photo).rotate(-turn_deg, Image.Resampling.BICUBIC, expand=True)
        )
        found = _largest_face(reconstructor, turned)
        if found is None:
            errors.append(FAR_OFF)
            continue
        expected = points_after_turn(upright, turn_deg, photo.shape, turned.shape)
        errors.append(float(np.linalg.norm(found - expected, axis=1).mean() / size))
    return errors


def points_after_turn(
    points: Points, turn_deg: float, before: Sequence[int], after: Sequence[int]
) -> Points:
    """Pixels (N, 2) of a photo on a copy rotated clockwise about its centre.

    Args:
        points: x, y.
        turn_deg: clockwise.
        before: shape of the photo.
        after: shape of the rotated copy.
    """
    middles = [(np.array(shape[1::-1]) - 1) / 2 for shape in (before, after)]
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    turned: Points = (points - middles[0]) @ np.array([[cos, sin], [-sin, cos]]) + middles[1]
    return turned


def _largest_face(reconstructor: FaceReconstructor, photo: RgbImage) -> Points | None:
    found = reconstructor.regress(photo)
    if found is None:
        return None
    landmarks = found.landmarks_image[..., :2]
    largest: Points = max(landmarks, key=lambda points: np.ptp(points, axis=0).prod())
    return largest


if __name__ == "__main__":
    sys.exit(main())
