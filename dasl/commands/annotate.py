"""`python -m dasl annotate`: a folder of photos to a training set.

The network predicts landmarks for each detected face, and the head model is fitted to them. Faces
of sufficient quality are written as parquet with the columns of `dasl.datasets.face_rows`, for use
in `data.train`. A CSV lists the photos and faces that were left out, and why.
"""

import argparse
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from dasl.arrays import RgbImage
from dasl.commands.options import add_model_option
from dasl.datasets.annotated_files import CONTENT, AnnotatedFolder, LeftOut, content_id
from dasl.datasets.photo_folder import cropped, photos_in, text_of
from dasl.errors import ConfigError, PhotoError
from dasl.geometry.crop import CROP_SIZE, square_crop_from_landmarks
from dasl.geometry.rotation import euler_deg_from_rotation
from dasl.head.fitting import FitResult, Observations, fit
from dasl.head.projection import landmarks68_image
from dasl.network.confidence import nme_from_confidence
from dasl.photo.load import load_photo
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.reconstruction.regression import Regression

JPEG_QUALITY = 95
PHOTOS_TOGETHER = 32
EXAMPLES = """examples:
  python -m dasl annotate photos/ --output mine              parquet files and left_out.csv in mine/
  python -m dasl annotate a.jpg b.jpg --output mine          adds to the same set
  python -m dasl train configs/lite0.yaml --root . --set "data.train=[mine]" \\
      --set data.validation=painted:200:7    if you have no hand-placed points to validate on
"""


@dataclass(frozen=True)
class Limits:
    """Quality limits for training faces.

    Attributes:
        expected_nme: largest expected error (`dasl.network.confidence`), a fraction of the face's
            size.
        residual_px: largest RMS distance of the landmarks from the fitted head, crop pixels.
        side_px: smallest side of the crop, photo pixels.
    """

    expected_nme: float = 0.06
    residual_px: float = 2.0
    side_px: float = 60.0


@dataclass(frozen=True)
class NewPhoto:
    """A photo that is not in the set yet.

    Attributes:
        path: of the file.
        name: its name in the set.
        content: `content_id`.
    """

    path: Path
    name: str
    content: str


@dataclass(frozen=True, eq=False)
class _Candidate:
    """One face before its fit; points in crop pixels."""

    name: str
    image: RgbImage
    points_crop: np.ndarray
    box: np.ndarray
    expected_nme: float
    content: str


@dataclass
class _Batch:
    """Faces and skipped items of some photos."""

    candidates: list[_Candidate] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `annotate`."""
    parser.epilog, parser.formatter_class = EXAMPLES, argparse.RawDescriptionHelpFormatter
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="files or folders")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder to write")
    add_model_option(parser)
    limits = Limits()
    parser.add_argument(
        "--max-expected-error",
        type=float,
        default=100 * limits.expected_nme,
        metavar="PERCENT",
        help="leave out faces with a larger expected error, in percent of face size; "
        "default: %(default)g",
    )
    parser.add_argument(
        "--max-residual",
        type=float,
        default=limits.residual_px,
        metavar="PIXELS",
        help="leave out faces with a larger RMS distance of landmarks from the fitted head, in "
        f"pixels of the {CROP_SIZE}x{CROP_SIZE} crop; default: %(default)g",
    )
    parser.add_argument(
        "--min-size",
        type=float,
        default=limits.side_px,
        metavar="PIXELS",
        help="leave out faces whose crop is smaller, in photo pixels; default: %(default)g",
    )


def run(args: argparse.Namespace) -> int:
    """Annotate the photos that are not in the folder yet; prints a summary as JSON.

    Returns:
        0, or 1 if the folder holds no face afterwards.
    """
    photos, unreadable = _photos(args.photos)
    folder = AnnotatedFolder.open(args.output)
    limits = Limits(args.max_expected_error / 100, args.max_residual, args.min_size)
    reconstructor: FaceReconstructor | None = None
    folder.add([], unreadable)
    with tqdm(total=len(photos), unit="photo", disable=None) as bar:
        for start in range(0, len(photos), PHOTOS_TOGETHER):
            group = photos[start : start + PHOTOS_TOGETHER]
            new, unread = _new_photos(group, folder)
            if new and reconstructor is None:
                reconstructor = FaceReconstructor.from_pretrained(args.model)
            rows, left_out = annotate(reconstructor, new, limits) if reconstructor else ([], [])
            if rows or left_out or unread:
                folder.add(rows, [*unread, *left_out])
            bar.update(len(group))
    summary = {"output": str(args.output), "faces": folder.faces, "left_out": folder.left_out}
    print(json.dumps(summary))
    if not folder.faces:
        print(f"dasl: no face could be used; {folder.log} says why", file=sys.stderr)
        return 1
    return 0


def annotate(
    reconstructor: FaceReconstructor, photos: Sequence[NewPhoto], limits: Limits
) -> tuple[list[dict[str, Any]], list[LeftOut]]:
    """Rows of the faces within the limits, and the photos and faces left out."""
    batch = _Batch()
    for photo in photos:
        _find_faces(reconstructor, photo, limits, batch)
    if not batch.candidates:
        return [], batch.left_out
    fitted = _fit(reconstructor, batch.candidates)
    rows = []
    for row, candidate in enumerate(batch.candidates):
        residual = float(fitted.residual_px[row])
        if residual > limits.residual_px:
            reason = f"fit residual {residual:.1f} pixels"
            batch.left_out.append(LeftOut(candidate.name, reason, candidate.content))
        else:
            rows.append(_row(reconstructor, candidate, fitted, row))
    return rows, batch.left_out


def _photos(given: Sequence[Path]) -> tuple[list[Path], list[LeftOut]]:
    """The given files and all photos of folders, each once; and folders that cannot be read."""
    photos: list[Path] = []
    unreadable: list[LeftOut] = []
    for path in given:
        if path.is_dir():
            found = photos_in(path)
            photos += found.photos
            unreadable += [
                LeftOut(text_of(place), f"the folder cannot be read: {reason}")
                for place, reason in found.unreadable
            ]
        else:
            photos.append(path)
    if not photos and not unreadable:
        raise ConfigError(f"there is no photo in {', '.join(map(str, given))}")
    return list(dict.fromkeys(photos)), unreadable


def _new_photos(
    photos: Sequence[Path], folder: AnnotatedFolder
) -> tuple[list[NewPhoto], list[LeftOut]]:
    """Photos whose content is not in the folder yet, and photos that cannot be read."""
    new: dict[str, NewPhoto] = {}
    unread = []
    for path in photos:
        name = text_of(path)
        try:
            content = content_id(path)
        except OSError as error:
            unread.append(LeftOut(name, f"cannot be read: {error.strerror}"))
            continue
        if content not in folder.done and content not in new:
            new[content] = NewPhoto(path, folder.new_name(name, content), content)
    return list(new.values()), unread


def _find_faces(
    reconstructor: FaceReconstructor, photo: NewPhoto, limits: Limits, batch: _Batch
) -> None:
    def leave_out(name: str, reason: str) -> None:
        batch.left_out.append(LeftOut(name, reason, photo.content))

    try:
        pixels = load_photo(photo.path)
    except PhotoError as error:
        leave_out(photo.name, str(error))
        return
    predicted = reconstructor.regress(pixels)
    if predicted is None:
        leave_out(photo.name, "no face found")
        return
    for name, points, confidence in _named(photo.name, predicted):
        box = square_crop_from_landmarks(points[:, :2])
        expected, side = nme_from_confidence(confidence), float(box[2] - box[0])
        if side < limits.side_px:
            leave_out(name, f"the face is small: its crop has {side:.0f} pixels")
        elif expected > limits.expected_nme:
            leave_out(name, f"expected error {100 * expected:.1f} %")
        else:
            image, on_crop = cropped(pixels, points)
            batch.candidates.append(_Candidate(name, image, on_crop, box, expected, photo.content))


def _named(photo: str, predicted: Regression) -> Iterator[tuple[str, np.ndarray, float]]:
    """Name, landmarks (68, 3) in photo pixels and confidence of each face of a photo."""
    several = len(predicted.confidence) > 1
    for number, points in enumerate(predicted.landmarks_image.astype(np.float64)):
        name = f"{photo}#{number + 1}" if several else photo
        yield name, points, float(predicted.confidence[number])


def _fit(reconstructor: FaceReconstructor, candidates: Sequence[_Candidate]) -> FitResult:
    """The head model fitted to the network's landmarks, under its prior."""
    points = torch.from_numpy(np.stack([each.points_crop for each in candidates])).float()
    return fit(reconstructor.model, Observations(points, torch.ones_like(points)))


def _row(
    reconstructor: FaceReconstructor, candidate: _Candidate, fitted: FitResult, row: int
) -> dict[str, Any]:
    coefficients = fitted.coefficients.rows(row, row + 1)
    points = landmarks68_image(reconstructor.model, coefficients)[0]
    buffer = io.BytesIO()
    Image.fromarray(candidate.image).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return {
        "name": candidate.name,
        CONTENT: candidate.content,
        "image": buffer.getvalue(),
        "yaw": float(euler_deg_from_rotation(coefficients.pose.rotation)[0, 0]),
        "roi_box": candidate.box.tolist(),
        "landmarks21": [-1.0] * 42,
        "visible21": [False] * 21,
        "detected68": points.flatten().tolist(),
        "expected_nme": candidate.expected_nme,
    }
