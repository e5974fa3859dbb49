"""Maps from the 68 iBUG points to AFLW-LFPA's 34, as readable JSON files.

Each of the 34 points is a weighted sum of a few of the 68; the weights add up to one. Such a sum
is equivariant to translation, rotation and scaling of the photo. If the 68 are projections of
points of a head, it also follows any rotation of the head under weak perspective. No table of the
34 was ever published, so a result names the map it used.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.atomic_files import writing
from eval.benchmarks.aflw_lfpa.data import POINT_COUNT
from eval.errors import MapError
from eval.scoring.metrics import Float64s, Floats
from eval.submissions.landmarks68 import LANDMARK_COUNT
from eval.untrusted.text import printable, read_bytes

SCHEMA_VERSION = 1
LARGEST_FILE = 1 << 20
DECIMALS = 4  # of a weight in the file
LARGEST_WEIGHT = 100.0
SUM_TOLERANCE = 1e-6
FIELDS = ("schema_version", "name", "sha256", "index_base", "made", "points")
ADVICE = "write one with python -m eval calibrate-lfpa"


@dataclass(frozen=True, eq=False)
class LandmarkMap:
    """A map with its name and how it was made.

    Attributes:
        name: for boards and results.
        weights: (34, 68) float64, each row adding up to one; column n is iBUG point n + 1.
        made: JSON-able facts: method, hashes of predictions and truth, images, settings, errors.
    """

    name: str
    weights: Float64s
    made: Mapping[str, str | int | float]

    def __post_init__(self) -> None:
        """Check the name and the weights."""
        if not self.name.strip():
            raise MapError("name must be a non-empty text; give the map a name")
        if self.weights.shape != (POINT_COUNT, LANDMARK_COUNT):
            raise MapError(
                f"weights must be ({POINT_COUNT}, {LANDMARK_COUNT}), got {self.weights.shape}; "
                f"give one row for each of the {POINT_COUNT} points"
            )
        if not (np.abs(self.weights) <= LARGEST_WEIGHT).all():
            raise MapError(
                f"weights must be finite and at most {LARGEST_WEIGHT:g} in size; {ADVICE}"
            )
        sums = self.weights.sum(axis=1)
        wrong = np.flatnonzero(np.abs(sums - 1.0) > SUM_TOLERANCE)
        if wrong.size:
            raise MapError(
                f"the weights of a point must add up to 1, those of point {wrong[0] + 1} add up "
                f"to {sums[wrong[0]]:.6g}; {ADVICE}"
            )

    @property
    def sha256(self) -> str:
        """Hash of the weights alone: maps with the same one give the same figures."""
        text = json.dumps(self.sparse(), separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def sparse(self) -> list[dict[str, float]]:
        """For each of the 34 points its weights by iBUG number, 1 to 68, zeros left out."""
        return [{str(n + 1): float(row[n]) for n in np.flatnonzero(row)} for row in self.weights]

    def apply(self, landmarks68: Floats) -> Float64s:
        """The 34 points of each face.

        Args:
            landmarks68: (N, 68, C) in any frame.

        Returns:
            (N, 34, C) in the same frame; a face of NaN stays NaN.

        Example:
            >>> first = np.eye(34, 68)
            >>> LandmarkMap("first 34", first, {}).apply(np.ones((2, 68, 3))).shape
            (2, 34, 3)
        """
        return np.asarray(self.weights @ landmarks68.astype(np.float64), dtype=np.float64)


def rounded(weights: Float64s) -> Float64s:
    """Weights rounded to four decimals; the largest of a row takes the remainder.

    Args:
        weights: (34, 68), each row adding up to one.

    Returns:
        (34, 68), each row adding up to one again.
    """
    short = np.round(weights, DECIMALS)
    for row in short:
        rest = 1.0 - row.sum()
        largest = np.argmax(np.abs(row))
        row[largest] = np.round(row[largest] + rest, DECIMALS)
    return short


def save_map(path: str | Path, landmark_map: LandmarkMap) -> None:
    """Write a map, one point per line; a crash while writing leaves the old file.

    Raises:
        MapError: the place cannot be written.
    """
    path = Path(path)
    head = {
        "schema_version": SCHEMA_VERSION,
        "name": landmark_map.name,
        "sha256": landmark_map.sha256,
        "index_base": 1,
        "made": dict(landmark_map.made),
    }
    lines = [
        "  " + json.dumps({"point": number, "weights": weights})
        for number, weights in enumerate(landmark_map.sparse(), 1)
    ]
    start = json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}")
    text = start + ',\n "points": [\n' + ",\n".join(lines) + "\n ]\n}\n"
    with writing(path, MapError) as temporary:
        temporary.write_bytes(text.encode())


def load_map(path: str | Path) -> LandmarkMap:
    """Read and check a map.

    Raises:
        MapError: missing, too large, not a map, or edited without a new hash.

    Example:
        >>> load_map("mine.json").name  # doctest: +SKIP
        'mine'
    """
    path = Path(path)
    raw = read_bytes(path, LARGEST_FILE, MapError, ADVICE)
    try:
        return _parsed(raw)
    except MapError as error:
        raise MapError(f"{path} is not a map of 68 to 34 points: {error}") from error


def _parsed(raw: bytes) -> LandmarkMap:
    """A map from its file's content."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise MapError(f"not JSON ({printable(str(error))}); {ADVICE}") from error
    if not isinstance(document, dict) or set(document) != set(FIELDS):
        raise MapError(f"it must be an object with {', '.join(FIELDS)}; {ADVICE}")
    if (document["schema_version"], document["index_base"]) != (SCHEMA_VERSION, 1):
        raise MapError(
            f"schema_version must be {SCHEMA_VERSION} and index_base 1, got "
            f"{document['schema_version']!r:.20} and {document['index_base']!r:.20}; {ADVICE}"
        )
    name, made = document["name"], document["made"]
    if not isinstance(name, str):
        raise MapError(f"name must be a text, got {name!r:.40}; give the map one")
    if not isinstance(made, dict) or not all(
        isinstance(value, str | int | float) for value in made.values()
    ):
        raise MapError(f"made must be an object of texts and numbers; {ADVICE}")
    landmark_map = LandmarkMap(printable(name), _parsed_weights(document["points"]), made)
    if document["sha256"] != landmark_map.sha256:
        raise MapError(
            "its weights do not have the stated hash; if they were edited on purpose, give the map "
            f"another name and sha256 {landmark_map.sha256}"
        )
    return landmark_map


def _parsed_weights(points: object) -> Float64s:
    """(34, 68) weights from the list of points."""
    if not isinstance(points, list) or len(points) != POINT_COUNT:
        raise MapError(f"points must be a list of {POINT_COUNT}; {ADVICE}")
    weights = np.zeros((POINT_COUNT, LANDMARK_COUNT))
    known = {str(number): number - 1 for number in range(1, LANDMARK_COUNT + 1)}
    for row, point in enumerate(points):
        given = point.get("weights") if isinstance(point, dict) else None
        if not isinstance(given, dict) or point.get("point") != row + 1:
            raise MapError(f"entry {row + 1} must hold point {row + 1} and weights; {ADVICE}")
        for number, weight in given.items():
            usable = type(weight) in (int, float) and abs(weight) <= LARGEST_WEIGHT
            if number not in known or not usable:
                raise MapError(
                    f"point {row + 1}: weights must be numbers by iBUG point, 1 to "
                    f"{LANDMARK_COUNT}, got {printable(str(number), 20)}: {weight!r:.20}; {ADVICE}"
                )
            weights[row, known[number]] = weight
    return weights
