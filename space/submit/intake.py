"""Reads an uploaded file as a submission, without unpickling or trusting sizes and names."""

import hashlib
import os
import re
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np

from eval.benchmarks.aflw2000.data import PHOTO_SIDE
from eval.converters import mat_folder, prnet, table
from eval.converters.frames import PhotoFrame, published_from_photo
from eval.converters.kind import PICKLES, PRNET, guess_kind
from eval.converters.predictions import Predictions, in_benchmark_order
from eval.errors import MissingImages, SubmissionError
from eval.submissions.submission import Submission, read_submission
from eval.untrusted.npz import DAMAGE
from eval.untrusted.text import printable
from space.submit.tasks import Wanted

KINDS = ".npz, .csv, .tsv, or a .zip of PRNet's *_kpt.txt or of *.mat with pt3d_68"
MOST_FILES = 4_096
LARGEST_PART = 1 << 20
LARGEST_TOTAL = 256 << 20
SMALLEST_SHARE = 0.5
"""Smallest share of images with predictions. With few, the means would reveal true points."""

ONE_AT_A_TIME = threading.Lock()
"""Held while uploads are unpacked: one at a time, to limit memory use."""


@dataclass(frozen=True)
class Reading:
    """How a file that is no .npz is read.

    Attributes:
        first_pixel: coordinate of the first pixel; None for the usual one of the format.
        fill_missing: whether an absent image counts as failed.
    """

    first_pixel: Literal[0, 1] | None = None
    fill_missing: bool = False


def take_in(upload: Path, wanted: Wanted, reading: Reading) -> Submission:
    """The upload as a submission for the wanted images.

    Args:
        upload: the uploaded file; a .npz is read again if its vertices are needed.
        wanted: images of the task.
        reading: how to read files other than .npz.

    Returns:
        The submission, with the upload's sha256.

    Raises:
        SubmissionError: the upload is invalid; the message contains no server path.
    """
    with tempfile.TemporaryDirectory() as unpacked:
        try:
            with ONE_AT_A_TIME:
                if upload.suffix.lower() == ".npz":
                    submission = read_submission(upload)
                else:
                    submission = _converted(upload, Path(unpacked), wanted, reading)
                _check(submission, wanted)
        except SubmissionError as error:
            words = _without_paths(str(error), upload, unpacked)
            if isinstance(error, MissingImages):
                words += " (see how the file is read)"
            raise SubmissionError(words) from error
    return submission


def _converted(upload: Path, folder: Path, wanted: Wanted, reading: Reading) -> Submission:
    predictions = _read(upload, folder, reading)
    predictions = in_benchmark_order(
        predictions, _order(predictions, wanted), fill_missing=reading.fill_missing
    )
    with upload.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    landmarks = predictions.landmarks
    if landmarks is not None:
        landmarks = landmarks.astype(np.float32)  # as a .npz would hold them
    return Submission(predictions.ids, landmarks, {"conversion": dict(predictions.facts)}, digest)


def _order(predictions: Predictions, wanted: Wanted) -> tuple[str, ...]:
    """The images to write: those that count, and others that have predictions."""
    answered = set(predictions.ids)
    return (*wanted.images, *(name for name in wanted.left_out if name in answered))


def _check(submission: Submission, wanted: Wanted) -> None:
    """Check that the images belong to the benchmark and enough of them have predictions."""
    named = set(submission.ids)
    images = [name for name in wanted.images if wanted.all_of_them or name in named]
    rows = submission.rows_of(images or wanted.images, left_out=wanted.left_out)
    parts = [p for p in (submission.landmarks, submission.pose_deg) if p is not None]
    answered = (np.isfinite(part[rows].reshape(len(rows), -1)).all(axis=1) for part in parts)
    count = max((int(part.sum()) for part in answered), default=0)
    least = SMALLEST_SHARE * len(wanted.images)
    if count < least:
        raise SubmissionError(
            f"the file answers {count:,} of {len(wanted.images):,} images, wanted at least "
            f"{least:,.0f}; add the others, and score parts at home"
        )


def _read(upload: Path, folder: Path, reading: Reading) -> Predictions:
    """The predictions in a file other than .npz."""
    suffix = upload.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return table.read_csv(upload, _frame(reading, table.INDEX_BASE))
    if suffix == ".zip":
        unpack(upload, folder)
        if guess_kind(folder) == PRNET:
            return prnet.read_prnet_folder(folder, _frame(reading, prnet.INDEX_BASE))
        return _read_mats(folder, reading)
    if suffix in PICKLES:
        raise SubmissionError(
            f"{printable(upload.name)} is a pickle, which can run code and is never read; save "
            "ids and landmarks with numpy.savez_compressed"
        )
    if suffix == ".npy":
        raise SubmissionError(
            "an .npy alone names no images; turn it into a submission at home: python -m eval "
            "convert FILE --output SUBMISSION.npz"
        )
    raise SubmissionError(f"unsupported file type, got {printable(upload.name)}, wanted {KINDS}")


def _read_mats(source: Path, reading: Reading) -> Predictions:
    mats = mat_folder.find_mats(source)
    if mats.field.is_dense:
        raise SubmissionError(
            f"the mats hold vertices ({mats.field.name}), of which the landmarks must be known; "
            "convert them at home: python -m eval convert FOLDER --keypoints FILE --output "
            "SUBMISSION.npz"
        )
    frame = _frame(reading, mats.field.index_base)
    return mat_folder.read_mat_folder(
        mats,
        lambda _, points: published_from_photo(points, frame),
        frame.described(),
        None,
        with_vertices=False,
    )


def _frame(reading: Reading, usual: Literal[0, 1]) -> PhotoFrame:
    base = usual if reading.first_pixel is None else reading.first_pixel
    return PhotoFrame(base, "down", "towards", PHOTO_SIDE)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an uploaded zip into a folder without subfolders, within fixed limits.

    Args:
        archive: the zip.
        folder: an empty folder.

    Raises:
        SubmissionError: not a zip, too many or too large files, or duplicate names.
    """
    total = 0
    try:
        with zipfile.ZipFile(archive) as opened:
            for name, entry in _wanted_entries(opened).items():
                with opened.open(entry) as stream:
                    content = stream.read(LARGEST_PART + 1)  # do not trust the declared size
                total += len(content)
                if len(content) > LARGEST_PART or total > LARGEST_TOTAL:
                    raise SubmissionError(
                        f"{printable(name)} unpacks to more than {LARGEST_PART:,} bytes, or all "
                        f"files to more than {LARGEST_TOTAL:,}; zip 68 landmarks a face only"
                    )
                (folder / name).write_bytes(content)
    except SubmissionError:
        raise
    except DAMAGE as error:
        raise SubmissionError(
            f"{printable(archive.name)} must be a complete .zip, got one that cannot be opened; "
            "zip the folder again"
        ) from error


def _wanted_entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The landmark files by file name; folders inside the zip are ignored."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        name = PurePosixPath(entry.filename.replace("\\", "/")).name
        if entry.is_dir() or not re.fullmatch(r"[\w.-]{1,120}\.(txt|mat)", name, re.ASCII):
            continue
        if name.startswith("."):
            continue
        if name in entries:
            raise SubmissionError(f"{name} is in the zip twice; keep one file an image")
        entries[name] = entry
    if not 0 < len(entries) <= MOST_FILES:
        raise SubmissionError(
            f"the zip holds {len(entries):,} .txt and .mat files, wanted 1 to {MOST_FILES:,}, one "
            "an image"
        )
    return entries


def _without_paths(message: str, upload: Path, unpacked: str) -> str:
    """An error message for visitors, without server paths."""
    replaced = {
        str(upload): printable(upload.name),
        f"{unpacked}{os.sep}": "",
        unpacked: "the zip",
    }
    for old, new in replaced.items():
        message = message.replace(old, new)
    return message
