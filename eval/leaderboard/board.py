"""The boards: measured and quoted results as rows of one type, in percent, degrees or mm.

Measured rows come first. They are ranked among comparable ones: scored here, all images, the
published truth, the same protocol version and the same choices. Quoted rows are never ranked. A
measured row of rank 1 names the quoted ones that are better.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from eval.leaderboard.quoted import QuotedFigure, QuotedResult
from eval.leaderboard.ranking import unranked_reason
from eval.results.record import ProtocolResult, Score
from eval.results.truths import PUBLISHED, truth_name
from eval.results.units import SYMBOL, shown_text, shown_value
from eval.untrusted.text import printable

Origin = Literal["measured", "quoted"]

MEAN_OF_BINS = "mean of bins"
LOW, HIGH = "95 % low", "95 % high"
MEAN_OF_IMAGES = "mean of images"
AFTER_THE_BINS = (MEAN_OF_BINS, LOW, HIGH, MEAN_OF_IMAGES)

BEFORE = ("rank", "method", "year", "origin", "kind")
AFTER = ("faces", "boxes", "choices", "remark", "source", "link")

PROVENANCE_WORDS = {"scored": "scored here", "reported": "reported"}

MOST_BETTER = 6  # at most this many better quoted figures are named

LONGEST_TEXT = 400  # of a record's text, which is untrusted

# Choices that affect a secondary score only; that score's label names them.
BESIDE_THE_HEADLINE = ("z_rule",)


@dataclass(frozen=True)
class Column:
    """One statistic of one score.

    Attributes:
        score: its label, such as "3D, z mean"; another z rule is another column.
        statistic: a bin's label, or one of `AFTER_THE_BINS`.
        unit: "%", "deg" or "mm".
    """

    score: str
    statistic: str
    unit: str

    @property
    def title(self) -> str:
        """Score, statistic and unit, for a table with one line of titles."""
        return f"{self.score}: {self.statistic}, {self.unit}"


@dataclass(frozen=True)
class Cell:
    """A figure in its column's unit: the value, and the digits to show."""

    value: float
    text: str


@dataclass(frozen=True)
class BoardRow:
    """One line of a board.

    Attributes:
        board: the protocol's name.
        origin: "measured" by this scorer, or "quoted".
        method: its name.
        year: "" if unknown.
        cells: the known figures by column, in the score's order; a missing figure has no cell.
        choices: of the measured run, as far as they affect the headline; "" for a quoted row.
        kind: origin of a quoted figure, such as "ablation"; of a measured row "scored here", or
            "reported" if only its record was handed in.
        faces: scored and expected, such as "1,998 of 2,000"; "" for a quoted row.
        boxes: source of the crops.
        remark: how the rules differ, or why there is no figure.
        source: publication of a quoted row; of a measured row its scorer, date and submission.
        link: of the method, "" if unknown.
        rank: 1 for the best measured row of the same choices, None for an unranked one.
        record: of a measured row; None for a quoted one.
    """

    board: str
    origin: Origin
    method: str
    year: str
    cells: dict[Column, Cell]
    choices: str = ""
    kind: str = ""
    faces: str = ""
    boxes: str = ""
    remark: str = ""
    source: str = ""
    link: str = ""
    rank: int | None = None
    record: ProtocolResult | None = field(default=None, compare=False, repr=False)


def board_rows(
    board: str, records: Iterable[ProtocolResult], quoted: Iterable[QuotedResult]
) -> list[BoardRow]:
    """One board: measured rows by choices and headline, then the quoted ones by figure.

    Args:
        board: the protocol's name; results of others are left out.
        records: measured results.
        quoted: published results.
    """
    read = [quoted_row(result) for result in quoted if result.board == board]
    ranked = _ranked(record for record in records if record.protocol == board)
    measured = [_with_better_quoted(row, read) if row.rank == 1 else row for row in ranked]
    columns = columns_of([*measured, *read])
    return [*measured, *sorted(read, key=lambda row: _figure_key(row, columns))]


def columns_of(rows: Sequence[BoardRow]) -> list[Column]:
    """The columns in which any row has a figure: score by score, bins before means."""
    seen = dict.fromkeys(column for row in rows for column in row.cells)
    scores = list(dict.fromkeys(column.score for column in seen))
    bins = list(dict.fromkeys(c.statistic for c in seen if c.statistic not in AFTER_THE_BINS))
    order = [*bins, *AFTER_THE_BINS]
    return sorted(seen, key=lambda c: (scores.index(c.score), order.index(c.statistic)))


def flat_titles(rows: Sequence[BoardRow]) -> list[str]:
    """Titles of `flat_row`'s columns, in order, for these rows."""
    return [*BEFORE, *(column.title for column in columns_of(rows)), *AFTER]


def flat_row(row: BoardRow) -> dict[str, str | int | float | None]:
    """A row as one value for each title; unknown figures are left out."""
    about: dict[str, str | int | float | None] = {
        name: getattr(row, name) for name in (*BEFORE, *AFTER)
    }
    return about | {column.title: cell.value for column, cell in row.cells.items()}


def in_unit(value: float, score: Score) -> Cell:
    """An error in its display unit: percent with three decimals, degrees with two."""
    if math.isnan(value):
        return Cell(value, "-")
    return Cell(shown_value(value, score.unit), shown_text(value, score.unit))


def unit_of(score: Score) -> str:
    """The unit in which a score is shown."""
    return SYMBOL[score.unit]


def measured_row(record: ProtocolResult, rank: int | None) -> BoardRow:
    """A record as a row."""
    return BoardRow(
        board=record.protocol,
        origin="measured",
        method=printable(record.facts.method, LONGEST_TEXT),
        year=_stated(record.facts.year),
        cells={c: cell for score in record.scores for c, cell in _measured_cells(score).items()},
        choices=_choices(record),
        kind=PROVENANCE_WORDS[record.provenance],
        faces=f"{record.scored:,} of {record.expected:,}",
        boxes=_stated(record.facts.boxes),
        remark=unranked_reason(record),
        source=_provenance(record),
        link=_stated(record.facts.link),
        rank=rank,
        record=record,
    )


def quoted_row(result: QuotedResult) -> BoardRow:
    """A quoted result as a row, its figures with the digits that the source prints."""
    return BoardRow(
        board=result.board,
        origin="quoted",
        method=result.method,
        year=result.year,
        cells={c: cell for f in result.figures for c, cell in _quoted_cells(f).items()},
        kind=result.kind,
        remark=result.remark,
        source=result.source,
    )


def _with_better_quoted(row: BoardRow, quoted: Sequence[BoardRow]) -> BoardRow:
    """A row of rank 1 with a remark that names better quoted figures of its headline."""
    assert row.record is not None
    score = row.record.headline
    statistic = MEAN_OF_BINS if score.aggregate == "mean_of_bins" else MEAN_OF_IMAGES
    headline = Column(score.label, statistic, unit_of(score))
    ours = row.cells[headline].value
    figures = [(other.cells[headline], other.method) for other in quoted if headline in other.cells]
    better = sorted(
        (cell.value, f"{name} {cell.text}") for cell, name in figures if cell.value < ours
    )
    if not better:
        return row
    more = f" and {len(better) - MOST_BETTER} more" if len(better) > MOST_BETTER else ""
    named = ", ".join(words for _, words in better[:MOST_BETTER])
    return replace(row, remark=f"first of the measured; better as quoted: {named}{more}")


def _ranked(records: Iterable[ProtocolResult]) -> list[BoardRow]:
    """Measured rows by choices, most images and best first; each choice has its own ranking."""
    ordered = sorted(
        records,
        key=lambda r: (
            *(-r.expected, _choices(r)),
            *(bool(unranked_reason(r)), r.headline.headline, r.facts.method.lower()),
        ),
    )
    ranks: dict[str, int] = {}
    rows = []
    for record in ordered:
        rank = None
        if not unranked_reason(record):
            rank = ranks[_choices(record)] = ranks.get(_choices(record), 0) + 1
        rows.append(measured_row(record, rank))
    return rows


def _choices(record: ProtocolResult) -> str:
    """The choices that affect the headline, as text; rows with the same text are comparable."""
    chosen = {n: value for n, value in record.options.items() if n not in BESIDE_THE_HEADLINE}
    chosen["protocol version"] = str(record.protocol_version)
    if truth_name(record) != PUBLISHED:
        chosen["truth"] = truth_name(record)
    return printable(", ".join(f"{n}: {value}" for n, value in chosen.items()), LONGEST_TEXT)


def _figure_key(row: BoardRow, columns: Sequence[Column]) -> tuple[int, float, str]:
    """Sort key: the first mean that the row has, then its value; rows without any come last."""
    means = [c for c in columns if c.statistic in (MEAN_OF_BINS, MEAN_OF_IMAGES)]
    for place, column in enumerate(means):
        if column in row.cells:
            return place, row.cells[column].value, row.method
    return len(means), 0.0, row.method


def _measured_cells(score: Score) -> dict[Column, Cell]:
    values = {part.label: part.mean for part in score.bins}
    values[MEAN_OF_BINS] = score.mean_of_bins
    values |= {LOW: score.interval.low, HIGH: score.interval.high}
    values[MEAN_OF_IMAGES] = score.mean_of_images
    return {
        Column(score.label, statistic, unit_of(score)): in_unit(value, score)
        for statistic, value in values.items()
        if not math.isnan(value)
    }


def _quoted_cells(figure: QuotedFigure) -> dict[Column, Cell]:
    printed = dict(figure.bins)
    printed |= {MEAN_OF_BINS: figure.mean_of_bins, MEAN_OF_IMAGES: figure.mean_of_images}
    return {
        Column(figure.score, statistic, figure.unit): Cell(float(text), text)
        for statistic, text in printed.items()
        if text
    }


def _stated(text: str) -> str:
    return "" if text == "not stated" else printable(text, LONGEST_TEXT)


def _provenance(record: ProtocolResult) -> str:
    submission = record.submission_sha256[:12] or "built in memory"
    by, when = record.package_version, record.created
    return printable(f"scored by dasl {by} on {when}, submission {submission}", LONGEST_TEXT)
