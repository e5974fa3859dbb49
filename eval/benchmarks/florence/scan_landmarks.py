"""Named points on the scans, read from the user's file; the data set has none.

They are the nose tip to crop around and the eye corners whose distance normalises. VRN's author
detected landmarks on the frontal texture and mapped them to 3D by the texture coordinates
(github.com/AaronJackson/vrn/issues/88); picking them by hand in a mesh viewer works as well. The
file is JSON, ``{"subject_01": {"nose_tip": [x, y, z], ...}, ...}``, or CSV with the columns
``subject, point, x, y, z``; the scan's own frame, millimetres. Left and right are the person's.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.errors import BenchmarkError
from eval.scoring.metrics import Float64s
from eval.submissions.landmarks68 import NAMED_POINTS
from eval.untrusted.text import listed, printable, read_bytes

FILE_NAMES = ("landmarks.json", "landmarks.csv")
LARGEST_FILE = 16 << 20
REQUIRED = ("right_eye_outer", "left_eye_outer", "nose_tip")
# People's outer eye corners lie about 90 mm apart; another distance means another unit.
INTEROCULAR_MM = (60.0, 130.0)


@dataclass(frozen=True, eq=False)
class ScanLandmarks:
    """The named points of one scan.

    Attributes:
        names: K of `NAMED_POINTS`, the required ones first.
        points: (K, 3) millimetres, scan frame.
    """

    names: tuple[str, ...]
    points: Float64s

    @property
    def nose_tip(self) -> Float64s:
        """(3,) millimetres."""
        return np.asarray(self.points[self.names.index("nose_tip")], dtype=np.float64)

    @property
    def interocular_mm(self) -> float:
        """Distance of the outer eye corners in 3D."""
        return float(np.linalg.norm(self.points[0] - self.points[1]))

    @property
    def ibug_indices(self) -> list[int]:
        """0-based numbers of the points among the 68."""
        return [NAMED_POINTS[name] for name in self.names]


@dataclass(frozen=True, eq=False)
class LandmarkFile:
    """All scans' points and where they came from.

    Attributes:
        path: of the file.
        sha256: of its bytes.
        by_subject: points of each subject in the file.
    """

    path: Path
    sha256: str
    by_subject: Mapping[str, ScanLandmarks]

    def of(self, subject: str) -> ScanLandmarks:
        """The points of one subject.

        Raises:
            BenchmarkError: the file does not name it.
        """
        if subject not in self.by_subject:
            raise BenchmarkError(
                f"{self.path} has no points of {printable(subject)}, wanted "
                f"{', '.join(REQUIRED)}; add them"
            )
        return self.by_subject[subject]


def read_landmarks(root: Path, file: Path | None = None) -> LandmarkFile:
    """Read the points of all scans.

    Args:
        root: folder with one of `FILE_NAMES`; used if no file is given.
        file: JSON or CSV, by suffix.

    Raises:
        BenchmarkError: the file is missing or malformed, or its points cannot be a face's.
    """
    candidates = [file] if file else [root / name for name in FILE_NAMES]
    path = next((path for path in candidates if path.is_file()), None)
    if path is None:
        raise BenchmarkError(
            f"no file {' nor '.join(str(path) for path in candidates)}; the scans come without "
            f"landmarks: write {', '.join(REQUIRED)} of each, in the scan's millimetres, as "
            '{"subject_01": {"nose_tip": [x, y, z], ...}} or as a CSV subject,point,x,y,z'
        )
    content = read_bytes(path, LARGEST_FILE, BenchmarkError)
    text = content.decode("utf-8-sig", errors="replace")
    parse = _parse_csv if path.suffix.lower() == ".csv" else _parse_json
    subjects: dict[str, dict[str, Float64s]] = {}
    for subject, name, values in parse(path, text):
        subjects.setdefault(subject, {})[name] = _point(path, subject, name, values)
    checked = {subject: _checked(path, subject, points) for subject, points in subjects.items()}
    return LandmarkFile(path, hashlib.sha256(content).hexdigest(), checked)


def _parse_json(path: Path, text: str) -> Iterator[tuple[str, str, object]]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BenchmarkError(
            f"{path} is not valid JSON ({printable(str(error))}); correct it"
        ) from error
    if not isinstance(document, dict) or not all(isinstance(v, dict) for v in document.values()):
        raise BenchmarkError(
            f'{path} must hold {{"subject_01": {{"nose_tip": [x, y, z], ...}}}}, got another shape '
            "of JSON; write one object a subject"
        )
    for subject, points in document.items():
        for name, values in points.items():
            yield subject, name, values


def _parse_csv(path: Path, text: str) -> Iterator[tuple[str, str, object]]:
    wanted = ["subject", "point", "x", "y", "z"]
    try:
        head, *rows = [row for row in csv.reader(io.StringIO(text)) if row] or [[]]
    except csv.Error as error:
        raise BenchmarkError(f"{path} is not valid CSV ({error}); correct it") from error
    if [name.strip() for name in head] != wanted or any(len(row) != 5 for row in rows):
        raise BenchmarkError(
            f"{path} must have the columns {','.join(wanted)} in every row, got the header "
            f"{printable(','.join(head))!r}; add them"
        )
    for subject, name, *values in rows:
        yield subject.strip(), name.strip(), values


def _point(path: Path, subject: str, name: str, values: object) -> Float64s:
    """(3,) finite coordinates of a known point; raises BenchmarkError otherwise."""
    where = f"{printable(name)} of {printable(subject)} in {path}"
    if name not in NAMED_POINTS:
        raise BenchmarkError(
            f"{where} is no known point, wanted {', '.join(NAMED_POINTS)}; rename it"
        )
    try:
        point = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BenchmarkError(f"{where} must be three numbers, got others; correct it") from error
    if point.shape != (3,) or not np.isfinite(point).all():
        raise BenchmarkError(f"{where} must be three finite numbers, got others; correct it")
    return point


def _checked(path: Path, subject: str, points: Mapping[str, Float64s]) -> ScanLandmarks:
    missing = [name for name in REQUIRED if name not in points]
    if missing:
        raise BenchmarkError(f"{path} lacks {listed(missing)} of {printable(subject)}; add them")
    names = (*REQUIRED, *(name for name in NAMED_POINTS if name in points and name not in REQUIRED))
    landmarks = ScanLandmarks(names, np.stack([points[name] for name in names]))
    low, high = INTEROCULAR_MM
    if not low <= landmarks.interocular_mm <= high:
        raise BenchmarkError(
            f"outer eye corners of {printable(subject)} in {path} lie "
            f"{landmarks.interocular_mm:.3g} apart, wanted {low:g} to {high:g} mm; is the unit "
            "another one?"
        )
    if landmarks.points[1, 0] <= landmarks.points[0, 0]:
        raise BenchmarkError(
            f"the left eye of {printable(subject)} in {path} must have the larger x (left is the "
            "person's, x runs to the image's right); swap the two, or the frame is another one"
        )
    return landmarks
