"""Measure the detector's retries, for their thresholds in `dasl.photo.detector`.

    python -m tools.calibrate_detector --root DATA_ROOT [--limit 500]

Three kinds of photo are made from training crops of faces_2d: a face that fills the photo, for the
copy with a margin; a face of a few pixels on grey, for the enlarged copy; and a face on its side on
grey, for the rotated copies. Faces that the first try misses are passed to the retries; the table
gives the share that each finds above a score. The highest scores on the pictures of `skimage.data`
without a face show which threshold avoids false detections. The benchmark is not read.

The glance (`RetinaFaceDetector.only_face`) is measured on validation crops on grey: the error of
our landmarks at the hand-placed points, from its boxes and from those of the full input.

    python -m tools.calibrate_detector --root DATA_ROOT --glance --limit 2000
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import skimage.data
import torch
from PIL import Image
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.arrays import RgbImage
from dasl.datasets.conventions import without_offsets
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.handplaced import handplaced_nme
from dasl.geometry.crop import BOX_TO_CROP_SIDE, CROP_SIZE
from dasl.photo.attempt import Attempt
from dasl.photo.detector import Detection, RetinaFaceDetector
from tools.calibrate_crop import training_crops
from tools.data_root import parse, parser_with_root

PHOTO_SIDE = 450
SMALL_FACE_SIDE = 20  # crop side; the face itself is about 14 pixels wide
LYING_FACE_SIDE = 200
GREY = 128
SCORES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
LOWEST_SCORE = 0.05
# A face counts as found if its centre is within this share of the crop's side from the true one,
# and the longer side of its box is half to twice the usual one.
NEAR = 0.25
PHOTO_SUFFIXES = (".png", ".jpg")
WITH_FACES = ("astronaut", "camera")


def main() -> int:
    """Print the tables; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--limit", type=int, default=500, help="training crops of each kind")
    parser.add_argument("--glance", action="store_true", help="measure the glance instead")
    options = parse(parser)
    if options.glance:
        return _measure_glance(options.root, options.limit)
    detector = RetinaFaceDetector(threads=1)
    first, padded, enlarged, turned = detector.attempts[:4]
    files = sorted((options.root / "faces_2d").glob("train-*.parquet"))
    crops = list(tqdm(training_crops(files, options.limit), total=options.limit, desc="crops"))
    kinds: dict[str, tuple[Callable[[RgbImage], RgbImage], int, Attempt]] = {
        "padded: a face that fills the photo": (_filling, PHOTO_SIDE, padded),
        "enlarged: a face of a few pixels": (_small, SMALL_FACE_SIDE, enlarged),
        "turned: a face on its side": (_lying, LYING_FACE_SIDE, turned),
    }
    for name, (photo_of, side, retry) in kinds.items():
        missed, again = 0, []
        for crop in tqdm(crops, desc=name, disable=None):
            photo = photo_of(crop.image)
            if not detector.look(photo, first):
                missed += 1
                detections = detector.look(photo, replace(retry, min_score=LOWEST_SCORE))
                again.append(_score_in_the_middle(detections, photo, side))
        shares = ", ".join(f"{np.mean(np.array(again) > s):.3f} above {s}" for s in SCORES)
        print(f"{name}: the first try misses {missed} of {len(crops)}; the retry finds {shares}")
        empty = [
            _best_score(detector.look(p, replace(retry, min_score=LOWEST_SCORE)))
            for p in pictures_without_faces()
        ]
        highest = " ".join(f"{score:.2f}" for score in sorted(empty)[-4:])
        print(f"  highest scores on {len(empty)} pictures without a face: {highest}")
    return 0


def _measure_glance(root: Path, limit: int) -> int:
    """Print the errors with either box, in percent; returns 0."""
    faces = without_offsets(read_faces_2d(root, "validation", limit), hand_placed=False)
    reconstructor, detector = FaceReconstructor.from_pretrained(device="cpu"), RetinaFaceDetector()
    corner, scale = (PHOTO_SIDE - LYING_FACE_SIDE) // 2, CROP_SIZE / LYING_FACE_SIDE
    rows, landmarks = [], []
    for row, image in enumerate(tqdm(faces.images.numpy(), disable=None)):
        photo = _on_grey(image.transpose(1, 2, 0), LYING_FACE_SIDE)
        face = detector.only_face(photo)
        found = detector.look(photo, detector.attempts[0]) if face else []
        if face is None or len(found) != 1:
            continue
        regression = reconstructor.regress(photo, boxes=[found[0].box, face.box])
        assert regression is not None  # it was given boxes
        rows.append(row)
        landmarks.append((regression.landmarks_image[..., :2] - corner + 0.5) * scale - 0.5)
    points = torch.from_numpy(np.stack(landmarks, axis=1))
    placed, visible = faces.landmarks21_crop[rows], faces.visible21[rows]
    full, glanced = (100 * handplaced_nme(each, placed, visible).numpy() for each in points)
    change = (glanced - full)[~np.isnan(full)]
    print(
        f"the glance decides on {len(rows)} of {len(faces)} photos; error {np.nanmean(full):.3f} % "
        f"with the full input's box, {np.nanmean(glanced):.3f} % with the glance's: "
        f"{change.mean():+.3f} +- {change.std() / len(change) ** 0.5:.3f}"
    )
    return 0


def pictures_without_faces() -> list[RgbImage]:
    """The pictures of scikit-image that show no face."""
    paths = sorted(Path(skimage.data.__file__).parent.iterdir())
    return [
        np.asarray(Image.open(path).convert("RGB"))
        for path in paths
        if path.suffix in PHOTO_SUFFIXES and path.stem not in WITH_FACES
    ]


def _filling(crop: RgbImage) -> RgbImage:
    """The crop as a whole photo: the forehead is cut, the chin near the border."""
    return _resized(crop, PHOTO_SIDE)


def _small(crop: RgbImage) -> RgbImage:
    """A few pixels in the middle of a grey photo."""
    return _on_grey(crop, SMALL_FACE_SIDE)


def _lying(crop: RgbImage) -> RgbImage:
    """The crop turned clockwise by a quarter, in the middle of a grey photo."""
    return np.ascontiguousarray(np.rot90(_on_grey(crop, LYING_FACE_SIDE), -1))


def _on_grey(crop: RgbImage, side: int) -> RgbImage:
    photo = np.full((PHOTO_SIDE, PHOTO_SIDE, 3), GREY, dtype=np.uint8)
    start = (PHOTO_SIDE - side) // 2
    rows = slice(start, start + side)
    photo[rows, rows] = _resized(crop, side)
    return photo


def _resized(crop: RgbImage, side: int) -> RgbImage:
    image = Image.fromarray(crop).resize((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image)


def _best_score(faces: list[Detection]) -> float:
    return max((face.score for face in faces), default=0.0)


def _score_in_the_middle(faces: list[Detection], photo: RgbImage, side: int) -> float:
    """Best score of a detection that matches the crop's face, 0 without one."""
    usual = side / BOX_TO_CROP_SIDE
    middle = np.array(photo.shape[1::-1]) / 2

    def is_it(face: Detection) -> bool:
        x0, y0, x1, y1 = face.box
        away = np.abs(np.array([x0 + x1, y0 + y1]) / 2 - middle).max()
        return bool(away < NEAR * side and 0.5 < max(x1 - x0, y1 - y0) / usual < 2.0)

    return _best_score([face for face in faces if is_it(face)])


if __name__ == "__main__":
    raise SystemExit(main())
