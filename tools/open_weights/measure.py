"""Measures weights on real photos without AFLW: portraits 031-050 and MediaPipe's points.

    python -m tools.open_weights.measure --root DATA --model open

The error is the mean distance of 51 landmarks in percent of the face's size. The jaw line is left
out, because MediaPipe places its points elsewhere. The error includes MediaPipe's own errors and
its different definitions of some points.
"""

import sys
from pathlib import Path

import numpy as np

from dasl.arrays import FloatArray
from dasl.commands.options import add_model_option
from dasl.errors import DaslError
from dasl.geometry.crop import square_crop_from_landmarks
from dasl.photo.load import load_photo
from dasl.reconstruction.reconstructor import FaceReconstructor
from eval.submissions.landmarks68 import REGIONS
from tools.data_root import parse, parser_with_root
from tools.open_weights.portraits import JAW, MEASURING, landmarks68, names_of


def main(arguments: list[str] | None = None) -> int:
    """Predict and compare; returns the exit status."""
    parser = parser_with_root(__doc__)
    add_model_option(parser)
    options = parse(parser, arguments)
    try:
        reconstructor = FaceReconstructor.from_pretrained(options.model, device="cpu")
        names = names_of(MEASURING)
        errors = {name: errors_of(reconstructor, options.root, name) for name in names}
    except DaslError as problem:
        print(f"open_weights.measure: {problem}", file=sys.stderr)
        return 1
    for name, of_points in errors.items():
        print(f"{name} {of_points[JAW.stop :].mean():.1f} %")
    of_all = np.stack(list(errors.values()))
    for region, (first, end) in REGIONS.items():
        if region != "jaw":
            print(f"{region} {of_all[:, first:end].mean():.2f} %")
    means = of_all[:, JAW.stop :].mean(axis=1)
    print(f"mean {means.mean():.2f} %, median {np.median(means):.2f} %")
    return 0


def errors_of(reconstructor: FaceReconstructor, root: Path, name: str) -> FloatArray:
    """(68,) distances of the landmarks, percent of the face's size."""
    points = landmarks68(name)[:, :2]
    photo = load_photo(root / "portraits" / f"{name}.jpg")
    face = reconstructor(photo, crops=[square_crop_from_landmarks(points)])[0]
    size = float(np.sqrt(np.prod(points.max(axis=0) - points.min(axis=0))))
    off = np.linalg.norm(face.landmarks[:, :2] - points, axis=1)
    return np.asarray(100 * off / size, dtype=np.float32)


if __name__ == "__main__":
    sys.exit(main())
