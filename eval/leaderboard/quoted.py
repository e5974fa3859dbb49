"""Published figures in the columns of our boards: quoted, not measured here.

Each row of `quoted.csv` holds one printed figure, or one printed line of bins, with its source. A
row without a figure stands for one that is known to exist but was not accessible; its remark says
what is known. Figures under rules that no protocol here has are left out, such as NOD's occluded
images, curves over 1,970 images, or custom crops and boxes.
"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.errors import RecordError
from eval.scoring.metrics import YAW_BINS

QUOTED = Path(__file__).with_name("quoted.csv")

BINS = tuple(YAW_BINS)
MEANS = ("mean_of_bins", "mean_of_images")
KINDS = ("published", "ablation", "measured by others", "re-implementation")
UNITS = ("%", "deg", "mm")
QUOTED_BOARDS = {
    "now": "NoW challenge, 3D shape of the neutral face; scored by its authors only",
    "realy": "REALY, 3D shape of four regions of the face; scored by its authors only",
}
"""Titles of the boards that no protocol here scores."""
COLUMNS = (
    *("board", "score", "method", "year"),
    *(*BINS, *MEANS),
    *("unit", "kind", "remark", "source"),
)


@dataclass(frozen=True)
class QuotedFigure:
    """The figures that a source prints for one score, with its digits; "" for none.

    Attributes:
        score: the label that a measured score of the same rules has, such as "3D, z mean".
        unit: one of `UNITS`.
        bins: by label.
        mean_of_bins: unweighted mean of the bins' means.
        mean_of_images: mean over images.
    """

    score: str
    unit: str
    bins: Mapping[str, str]
    mean_of_bins: str
    mean_of_images: str


@dataclass(frozen=True)
class QuotedResult:
    """The figures of one method on one board from one source.

    Attributes:
        board: the protocol's name.
        method: its name in the source.
        year: of the method, "" if unknown.
        kind: one of `KINDS`: by its authors, of a reduced variant, or by others.
        figures: at least one; all empty if the figure was not accessible.
        remark: how the source's rules differ, or what is known of a figure not accessible.
        source: publication and place.
    """

    board: str
    method: str
    year: str
    kind: str
    figures: tuple[QuotedFigure, ...]
    remark: str
    source: str


def load_quoted(path: Path = QUOTED) -> list[QuotedResult]:
    """All quoted results; lines of one source, method and board are combined.

    Args:
        path: a CSV with the columns `COLUMNS`.

    Returns:
        In the order of the file.

    Raises:
        RecordError: the file cannot be read, or a line is malformed; the message names it.

    Example:
        >>> {result.board for result in load_quoted()} >= {"aflw2000-3d", "florence"}
        True
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordError(f"cannot read {path}: {error}; install the package again") from error
    if not lines or tuple(lines[0]) != COLUMNS:
        raise RecordError(f"{path} must start with the columns {', '.join(COLUMNS)}; add them")
    together: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for number, line in enumerate(lines[1:], 2):
        entry = _checked(line, f"{path.name}, line {number}")
        key = tuple(entry[name] for name in ("board", "method", "year", "kind", "source"))
        together.setdefault(key, []).append(entry)
    return [_result(entries) for entries in together.values()]


def _checked(line: list[str], where: str) -> dict[str, str]:
    """The line by column name."""
    if len(line) != len(COLUMNS):
        raise RecordError(f"{where}: {len(line)} fields, wanted {len(COLUMNS)}; quote the commas")
    entry = dict(zip(COLUMNS, line, strict=True))
    for name in ("board", "score", "method", "source"):
        if not entry[name]:
            raise RecordError(f"{where}: {name} is empty; a quoted figure needs it")
    for name, allowed in (("unit", UNITS), ("kind", KINDS)):
        if entry[name] not in allowed:
            raise RecordError(f"{where}: {name} must be one of {allowed}, got {entry[name]!r}")
    figures = [entry[name] for name in (*BINS, *MEANS)]
    if not any(figures) and not entry["remark"]:
        raise RecordError(f"{where}: neither figure nor remark; say what is known")
    for figure in filter(None, figures):
        if not _is_error(figure):
            raise RecordError(f"{where}: {figure!r} is not an error; write it as printed")
    return entry


def _is_error(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and float(text) >= 0
    except ValueError:
        return False


def _result(entries: list[dict[str, str]]) -> QuotedResult:
    first = entries[0]
    scores = dict.fromkeys(entry["score"] for entry in entries)
    remarks = dict.fromkeys(entry["remark"] for entry in entries if entry["remark"])
    return QuotedResult(
        board=first["board"],
        method=first["method"],
        year=first["year"],
        kind=first["kind"],
        figures=tuple(_figure([e for e in entries if e["score"] == score]) for score in scores),
        remark="; ".join(remarks),
        source=first["source"],
    )


def _figure(entries: list[dict[str, str]]) -> QuotedFigure:
    """The figures of one score, collected from several lines."""
    printed = {}
    for name in (*BINS, *MEANS):
        figures = [entry[name] for entry in entries if entry[name]]
        if len(figures) > 1:
            first = entries[0]
            where = f"{first['method']}, {first['board']}, {first['score']}"
            raise RecordError(f"{where}: {name} is given {len(figures)} times; keep one a source")
        printed[name] = figures[0] if figures else ""
    return QuotedFigure(
        score=entries[0]["score"],
        unit=entries[0]["unit"],
        bins={label: printed[label] for label in BINS},
        mean_of_bins=printed["mean_of_bins"],
        mean_of_images=printed["mean_of_images"],
    )
