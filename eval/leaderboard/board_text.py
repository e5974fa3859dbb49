"""Rows of a board as blocks of text, shared by the terminal, Markdown and LaTeX."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from eval.leaderboard.board import HIGH, BoardRow, Column, columns_of

NO_FIGURE = "-"


class Notes:
    """Gives sources numbers and remarks letters, in the order of first use."""

    def __init__(self) -> None:
        """Start without notes."""
        self._sources: dict[str, str] = {}
        self._remarks: dict[str, str] = {}

    def mark(self, row: BoardRow) -> str:
        """The marks of a row, such as "[2] b"."""
        marks = []
        if row.source:
            number = f"[{len(self._sources) + 1}]"
            marks.append(self._sources.setdefault(row.source, number))
        if row.remark:
            marks.append(self._remarks.setdefault(row.remark, _letters(len(self._remarks))))
        return " ".join(marks)

    def entries(self) -> list[tuple[str, str]]:
        """Mark and text of each note so far: sources, then remarks."""
        notes = [*self._sources.items(), *self._remarks.items()]
        return [(mark, text) for text, mark in notes]


@dataclass(frozen=True)
class Line:
    """One row as text; `bold` holds the places of the best ranked figures in `figures`."""

    before: tuple[str, ...]
    figures: tuple[str, ...]
    after: tuple[str, ...]
    bold: frozenset[int]


@dataclass(frozen=True)
class Block:
    """A group of rows with the same choices.

    Attributes:
        heading: states whether they were measured or quoted, and under which choices.
        before: titles of the columns before the figures.
        figures: score and statistic of each column of figures.
        after: titles of the columns after the figures.
        lines: the rows.
    """

    heading: str
    before: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    after: tuple[str, ...]
    lines: tuple[Line, ...]


def blocks_of(rows: Sequence[BoardRow], columns: Sequence[Column], notes: Notes) -> list[Block]:
    """The measured rows, a block for each set of choices, and a block of the quoted ones.

    Args:
        rows: of one board, in their order.
        columns: to show; a block leaves out columns without figures.
        notes: collects the rows' sources and remarks.
    """
    blocks = []
    measured = [row for row in rows if row.origin == "measured"]
    for choices in dict.fromkeys(row.choices for row in measured):
        same = [row for row in measured if row.choices == choices]
        blocks.append(_block(f"measured by this scorer; {choices}", same, columns, notes))
    quoted = [row for row in rows if row.origin == "quoted"]
    if quoted:
        heading = "quoted, as their sources print them; not checked here, never ranked"
        blocks.append(_block(heading, quoted, columns, notes))
    return blocks


def unit_text(rows: Sequence[BoardRow]) -> str:
    """The unit of a board's figures, in a word."""
    units = {column.unit for column in columns_of(rows)}
    return " and ".join(word for unit, word in UNIT_WORDS.items() if unit in units) or "percent"


UNIT_WORDS = {"%": "percent", "deg": "degrees", "mm": "millimetres"}


def _block(
    heading: str, rows: Sequence[BoardRow], columns: Sequence[Column], notes: Notes
) -> Block:
    used = [column for column in columns if any(column in row.cells for row in rows)]
    is_measured = rows[0].origin == "measured"
    shown = [column for column in used if column.statistic != HIGH]
    best = {column: _lowest(rows, column) for column in shown}
    lines = []
    for row in rows:
        rank = NO_FIGURE if row.rank is None else str(row.rank)
        about = (row.method, row.year or NO_FIGURE)
        bold = (n for n, c in enumerate(shown) if row.rank and _value(row, c) == best[c])
        lines.append(
            Line(
                before=(rank, *about) if is_measured else about,
                figures=tuple(_figures(row, used)),
                after=(*((row.faces,) if is_measured else ()), row.kind, notes.mark(row)),
                bold=frozenset(bold),
            )
        )
    return Block(
        heading=heading,
        before=("rank", "method", "year") if is_measured else ("method", "year"),
        figures=tuple((c.score, c.statistic.removesuffix(" low")) for c in shown),
        after=("faces", "origin", "notes") if is_measured else ("kind", "notes"),
        lines=tuple(lines),
    )


def _figures(row: BoardRow, columns: Sequence[Column]) -> list[str]:
    """The row's figures, "-" for a missing one; the two ends of an interval share one text."""
    texts: list[str] = []
    for column in columns:
        text = row.cells[column].text if column in row.cells else NO_FIGURE
        if column.statistic == HIGH:
            low = texts.pop()
            text = NO_FIGURE if low == NO_FIGURE else f"[{low}, {text}]"
        texts.append(text)
    return texts


def _value(row: BoardRow, column: Column) -> float:
    return row.cells[column].value if column in row.cells else math.nan


def _lowest(rows: Sequence[BoardRow], column: Column) -> float:
    """The best ranked mean; NaN for an interval, or if there is none (NaN equals nothing)."""
    if column.statistic.endswith(" low"):
        return math.nan
    ranked = (row.cells[column].value for row in rows if row.rank and column in row.cells)
    return min(ranked, default=math.nan)


def _letters(index: int) -> str:
    """a, b, ... z, aa, ab, ... by index."""
    head, last = divmod(index, len(ascii_lowercase))
    return (_letters(head - 1) if head else "") + ascii_lowercase[last]
