"""Landmarks from a CSV file.

There are two layouts; the header tells which one a file has.
*wide*, a row per image: ``id,x0,y0,z0,...,x67,y67,z67`` (also ``x_0``; points 0..67 or 1..68);
*long*, a row per point: ``id,point,x,y,z``. Without z, z is 0 and the 3D score is meaningless.
An empty cell or ``nan`` is NaN; all cells of a failed face are NaN. Capital ``X_0``, OpenFace's
columns in millimetres, is ignored.
"""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from eval.converters.frames import PhotoFrame, published_from_photo
from eval.converters.predictions import MOST_FACES, Predictions, stem_of
from eval.errors import SubmissionError
from eval.scoring.metrics import Float64s
from eval.submissions.landmarks68 import LANDMARK_COUNT
from eval.untrusted.text import listed, printable, read_text

INDEX_BASE: Literal[1] = 1
LARGEST_FILE = 32 << 20  # bytes; 2,000 faces take about 8 MB, and a cell takes 50 in memory
ID_COLUMNS = ("id", "image", "image_id", "file", "filename", "name")
POINT_COLUMNS = ("point", "landmark", "index")
WIDE_COLUMN = re.compile(r"([xyz])_?(\d{1,2})")
AXES = "xyz"
LAYOUT = "wanted id,x0,y0,z0,...,x67,y67,z67 or id,point,x,y,z (z may be left out)"


def read_csv(path: Path, frame: PhotoFrame) -> Predictions:
    """Read a table of landmarks.

    Args:
        path: UTF-8, separated by commas, semicolons or tabs.
        frame: the table's pixel frame.

    Returns:
        One row per image, in the order of first appearance.

    Raises:
        SubmissionError: no such file, another layout, a cell that is not a number, or points
            duplicated or missing.
    """
    text = read_text(path, LARGEST_FILE)
    separator = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
    except csv.Error as error:
        raise SubmissionError(f"{path} is not a CSV file ({error}); save it again") from error
    if not rows:
        raise SubmissionError(f"{path} is empty, {LAYOUT}")
    header = [cell.strip() for cell in rows[0]]
    ragged = [number for number, row in enumerate(rows, 1) if len(row) != len(header)]
    if ragged:
        raise SubmissionError(
            f"{path} must have {len(header)} cells in each row, got another count in row "
            f"{ragged[0]} and {len(ragged) - 1} more; save it again"
        )
    id_column = _column(path, [name.lower() for name in header], ID_COLUMNS)
    names = [stem_of(row[id_column].strip()) for row in rows[1:]]
    wide = any(WIDE_COLUMN.fullmatch(name) for name in header)
    read = _wide if wide else _long
    ids, points, has_depth = read(path, header, names, rows[1:])
    depth = "as given" if has_depth else "absent, written as 0"
    facts = {"converted_from": "csv", "frame": frame.described(), "z": depth}
    return Predictions(ids, published_from_photo(points, frame), facts=facts)


def _wide(
    path: Path, header: Sequence[str], names: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], Float64s, bool]:
    """A row an image."""
    columns: dict[tuple[str, int], int] = {}
    for column, name in enumerate(header):
        match = WIDE_COLUMN.fullmatch(name)
        if match and columns.setdefault((match[1], int(match[2])), column) != column:
            raise SubmissionError(f"{path} has two columns {match[1]}{match[2]}; keep one")
    axes = AXES if any(axis == "z" for axis, _ in columns) else "xy"
    first = min(number for _, number in columns)
    wanted = [(axis, first + point) for point in range(LANDMARK_COUNT) for axis in axes]
    if first > 1 or set(wanted) != set(columns):
        raise SubmissionError(
            f"{path} has columns of {len({number for _, number in columns})} points from number "
            f"{first}, {LAYOUT}, numbered 0 to 67 or 1 to 68"
        )
    used = [columns[key] for key in wanted]
    numbers = _numbers(path, [[row[column] for column in used] for row in rows])
    points = np.zeros((len(rows), LANDMARK_COUNT, 3))
    points[..., : len(axes)] = numbers.reshape(len(rows), LANDMARK_COUNT, len(axes))
    return tuple(names), points, axes == AXES


def _long(
    path: Path, header: Sequence[str], names: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], Float64s, bool]:
    """A row a point."""
    point_column = _column(path, [name.lower() for name in header], POINT_COLUMNS)
    axes = AXES if "z" in header else "xy"
    used = [_column(path, header, (axis,)) for axis in axes]
    values = _numbers(path, [[row[column] for column in (point_column, *used)] for row in rows])
    ids = tuple(dict.fromkeys(names))
    row_of = {name: row for row, name in enumerate(ids)}
    first = values[:, 0].min() if len(values) else 0.0
    points_of_row = values[:, 0] - first
    if first not in (0.0, 1.0) or not np.isin(points_of_row, np.arange(LANDMARK_COUNT)).all():
        raise SubmissionError(
            f"{path} must number its points 0 to 67 or 1 to 68, got other numbers in the column "
            f"{header[point_column]}; {LAYOUT}"
        )
    place = (np.array([row_of[name] for name in names], dtype=np.int64), points_of_row.astype(int))
    counts = np.zeros((len(ids), LANDMARK_COUNT), dtype=np.int64)
    np.add.at(counts, place, 1)
    wrong = [ids[row] for row in np.flatnonzero((counts != 1).any(axis=1)).tolist()]
    if wrong:
        raise SubmissionError(
            f"{path} must hold each of the {LANDMARK_COUNT} points once for an image, got points "
            f"missing or doubled in {len(wrong)} images ({listed(wrong)}); write nan where a face "
            "failed"
        )
    points = np.zeros((len(ids), LANDMARK_COUNT, 3))
    points[place[0], place[1], : len(axes)] = values[:, 1:]
    return ids, points, axes == AXES


def _column(path: Path, header: Sequence[str], names: Sequence[str]) -> int:
    """Index of the only column with one of these names."""
    found = [column for column, name in enumerate(header) if name in names]
    if len(found) != 1:
        shown = printable(", ".join(header[:8]))
        raise SubmissionError(
            f"{path} must have one column {' or '.join(names)}, got {len(found)} in {shown}; "
            f"{LAYOUT}"
        )
    return found[0]


def _numbers(path: Path, cells: Sequence[Sequence[str]]) -> Float64s:
    """The cells as floats; empty ones are NaN."""
    if not 0 < len(cells) <= MOST_FACES * LANDMARK_COUNT:
        raise SubmissionError(f"{path} has {len(cells):,} rows below the header, {LAYOUT}")
    try:
        return np.array([[float(cell.strip() or "nan") for cell in row] for row in cells])
    except ValueError as error:
        raise SubmissionError(
            f"{path} must hold numbers ({printable(str(error))}), with nan where a face failed"
        ) from error
