"""Measures whether a face recogniser takes textured heads for the people on their photos.

python -m tools.evaluate_likeness                 # space/examples/*.jpg
python -m tools.evaluate_likeness --root DATA     # and portraits 051-070 of DATA/portraits

Method: dlib's recogniser (PyPI `dlib-bin` and `face_recognition_models`, for development only)
describes the photo and the head drawn from the front and from 30 degrees to both sides. The figure
is the distance of the descriptions: 0 for equal pictures, below 0.6 for the same person by the
recogniser's authors. "others" is the mean distance to the other photos. "first" counts the heads
whose own photo is nearest of all. Faces that dlib's detector does not find are left out.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.arrays import RgbImage
from dasl.commands.options import add_model_option
from dasl.photo.load import load_photo
from dasl.pictures.head import SMOOTH, WITH_HAIR, draw_head, turntable_head
from eval.program.data_root import data_root
from tools.evaluate_looks import photos_for_looking

YAWS_DEG = (-30.0, 0.0, 30.0)
SIDE_PX = 400
NEEDED = "dlib-bin face_recognition_models 'setuptools<81'"

Description = NDArray[np.float64]
Describe = Callable[[RgbImage], Description | None]


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--root", type=Path, help="data folder with portraits/")
    parser.add_argument("--hair", action="store_true", help="draw the heads with their hair")
    add_model_option(parser)
    options = parser.parse_args()
    try:
        describe = recogniser()
    except ImportError as error:
        print(
            f"evaluate_likeness: needs the package {error.name}, which is not installed; "
            f"install it for this measurement with: pip install {NEEDED}",
            file=sys.stderr,
        )
        return 1
    photos = options.photos or photos_for_looking(data_root(options.root))
    reconstructor = FaceReconstructor.from_pretrained(options.model)
    of_photos, of_heads, names = [], [], []
    for path in tqdm(photos, leave=False):
        photo = load_photo(path)
        own = describe(photo)
        if own is None:
            print(f"{path.stem}: dlib finds no face on the photo; left out")
            continue
        face = max(reconstructor(photo, strict=True), key=lambda face: face.pose.scale)
        head = turntable_head(face.head, WITH_HAIR if options.hair else SMOOTH)
        of_photos.append(own)
        of_heads.append([describe(draw_head(head, yaw, (SIDE_PX, SIDE_PX))) for yaw in YAWS_DEG])
        names.append(path.stem)
    print(table(names, np.array(of_photos), of_heads))
    return 0


def recogniser() -> Describe:
    """A function from pictures to descriptions of the largest face, or None.

    Raises:
        ImportError: dlib or its models are not installed.
    """
    import dlib
    import face_recognition_models as models

    detect = dlib.get_frontal_face_detector()
    shape = dlib.shape_predictor(models.pose_predictor_five_point_model_location())
    network = dlib.face_recognition_model_v1(models.face_recognition_model_location())

    def describe(picture: RgbImage) -> Description | None:
        pixels = np.ascontiguousarray(picture)
        boxes = detect(pixels, 1)
        if not boxes:
            return None
        box = max(boxes, key=lambda box: box.area())
        return np.array(network.compute_face_descriptor(pixels, shape(pixels, box)))

    return describe


def table(
    names: list[str], of_photos: Description, of_heads: list[list[Description | None]]
) -> str:
    """A row for each photo, then means, distances to other photos, and how many are nearest."""
    lines = [f"{'photo':20s}" + "".join(f"{yaw:+8.0f}" for yaw in YAWS_DEG)]
    rows, others, first = [], [], []
    for index, (name, heads) in enumerate(zip(names, of_heads, strict=True)):
        away = [
            np.full(len(names), np.nan)
            if head is None
            else np.linalg.norm(of_photos - head, axis=1)
            for head in heads
        ]
        rows.append([distances[index] for distances in away])
        others.append([np.delete(distances, index).mean() for distances in away])
        first.append([bool(distances[index] <= distances.min()) for distances in away])
        lines.append(f"{name:20s}" + _formatted(rows[-1]))
    found = ~np.isnan(np.array(rows))
    lines.append(f"{'mean':20s}" + _formatted(np.nanmean(rows, axis=0)))
    lines.append(f"{'others':20s}" + _formatted(np.nanmean(others, axis=0)))
    counts = zip(np.sum(first, axis=0), found.sum(axis=0), strict=True)
    lines.append(f"{'first':20s}" + "".join(f"{f'{n}/{of}':>8s}" for n, of in counts))
    return "\n".join(lines)


def _formatted(figures: NDArray[np.floating] | list[float]) -> str:
    return "".join(f"{figure:8.3f}" if not np.isnan(figure) else f"{'-':>8s}" for figure in figures)


if __name__ == "__main__":
    raise SystemExit(main())
