"""A board as a table: chosen columns, the best in bold, measured rows marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from eval.leaderboard.board import (
    AFTER_THE_BINS,
    HIGH,
    LOW,
    MEAN_OF_BINS,
    MEAN_OF_IMAGES,
    BoardRow,
    Column,
    columns_of,
)
from eval.leaderboard.papers import paper_of
from space.wording import stated

ColumnType = Literal["str", "number", "markdown"]

RANK, METHOD, INTERVAL, LINKS = "Rank", "Method", "95 % interval", "Links"
NOTHING = "–"

MISSING = 1e9
"""In place of a figure that is not known, shown as `NOTHING`: a browser sorts null before every
number, and whoever sorts by a column wants its best at the top."""

BEST = "font-weight: 700; color: var(--best-text-color)"
MEASURED_ROW = "background: var(--measured-background)"


@dataclass(frozen=True)
class Choice:
    """A column that a visitor may switch on or off.

    Attributes:
        name: title of the column, or of a group.
        text: its cell of a row; None for the groups of figures.
        is_on: at first.
        width: pixels.
    """

    name: str
    text: Callable[[BoardRow], str] | None
    is_on: bool
    width: int = 110


def _stated(name: str) -> Callable[[BoardRow], str]:
    """A fact of a measured row's method."""

    def text(row: BoardRow) -> str:
        return "" if row.record is None else stated(str(getattr(row.record.facts, name)))

    return text


YAW_BINS, OTHER_SCORES, MEAN_IMAGES = "Yaw bins", "Other scores", "Mean of images"
CHOICES = (
    Choice("Year", lambda row: _year(row), True, 56),
    Choice("Origin", lambda row: _origin(row), True, 120),
    Choice(YAW_BINS, None, True),
    Choice(INTERVAL, None, True),
    Choice(MEAN_IMAGES, None, True),
    Choice(OTHER_SCORES, None, False),
    Choice(LINKS, lambda row: links(row), True, 104),
    Choice("Faces", lambda row: row.faces, True, 116),
    Choice("Boxes", lambda row: row.boxes, False),
    Choice("Training data", _stated("training_data"), False, 200),
    Choice("Licence", _stated("licence"), False, 140),
    Choice("Remark", lambda row: row.remark, False, 280),
    Choice("Source", lambda row: row.source, False, 320),
)
ON_AT_FIRST = [choice.name for choice in CHOICES if choice.is_on]

FIGURE_WIDTH = 82
FIRST = ("Year", "Origin")
DESCRIBED = {choice.name: choice.text for choice in CHOICES if choice.text}
WIDTHS = {RANK: 58, METHOD: 216, INTERVAL: 122} | {c.name: c.width for c in CHOICES if c.text}


@dataclass(frozen=True)
class Figures:
    """The columns of figures of a table.

    Attributes:
        columns: by title, in order.
        headline: title of the chosen score's mean; None where no row has one.
    """

    columns: dict[str, Column]
    headline: str | None


def figures_of(rows: Sequence[BoardRow], score: str, chosen: Sequence[str]) -> Figures:
    """The columns of figures to show.

    Args:
        rows: of one board.
        score: label of the one whose columns carry no score's name.
        chosen: names of `CHOICES`.
    """
    mine = [c for c in columns_of(rows) if c.score == score and c.statistic not in (LOW, HIGH)]
    headline = headline_of(mine)
    shown: dict[str, Column] = {}
    for column in mine:
        is_bin = column.statistic not in AFTER_THE_BINS
        wanted = YAW_BINS if is_bin else MEAN_IMAGES
        if column == headline or wanted in chosen:
            shown[f"{column.statistic}, {column.unit}"] = column
    if OTHER_SCORES in chosen:
        others = [c for c in columns_of(rows) if c.score != score]
        means = (MEAN_OF_BINS, MEAN_OF_IMAGES)
        shown |= {c.title: c for c in others if c.statistic in means}
    title = next((name for name, column in shown.items() if column == headline), None)
    return Figures(shown, title)


def headline_of(columns: Sequence[Column]) -> Column | None:
    """The mean of bins where there is one, else the mean of images, else the first."""
    for statistic in (MEAN_OF_BINS, MEAN_OF_IMAGES):
        for column in columns:
            if column.statistic == statistic:
                return column
    return columns[0] if columns else None


@dataclass(frozen=True)
class Cell:
    """What the browser sorts by, what it shows, and how."""

    value: str | float
    text: str
    style: str = ""


@dataclass(frozen=True)
class Table:
    """A board with its chosen columns: one line of cells a row, in the rows' order."""

    titles: tuple[str, ...]
    kinds: tuple[ColumnType, ...]
    lines: tuple[tuple[Cell, ...], ...]

    @property
    def widths(self) -> list[str | int]:
        """Pixels of each column."""
        return [WIDTHS.get(title, FIGURE_WIDTH) for title in self.titles]

    def for_gradio(self) -> dict[str, Any]:
        """The value of a `gr.Dataframe`."""
        return {
            "headers": list(self.titles),
            "data": [[cell.value for cell in line] for line in self.lines],
            "metadata": {
                "display_value": [[cell.text for cell in line] for line in self.lines],
                "styling": [[cell.style for cell in line] for line in self.lines],
            },
        }


def table(rows: Sequence[BoardRow], score: str, chosen: Sequence[str]) -> Table:
    """The rows as a table.

    Args:
        rows: of one board.
        score: see `figures_of`.
        chosen: names of `CHOICES`; the columns of others are left out.
    """
    figures = figures_of(rows, score, chosen)
    titles = _titles(figures, chosen)
    best = {title: _best(rows, column) for title, column in figures.columns.items()}
    lines = tuple(tuple(_cell(row, title, figures, best) for title in titles) for row in rows)
    return Table(titles, tuple(_kind(title, figures) for title in titles), lines)


def _titles(figures: Figures, chosen: Sequence[str]) -> tuple[str, ...]:
    """Names, then figures with the interval behind their headline, then the rest."""
    described = [choice.name for choice in CHOICES if choice.text and choice.name in chosen]
    first = [RANK, METHOD, *(name for name in described if name in FIRST)]
    middle = []
    for title in figures.columns:
        middle.append(title)
        if title == figures.headline and INTERVAL in chosen:
            middle.append(INTERVAL)
    return (*first, *middle, *(name for name in described if name not in FIRST))


def _kind(title: str, figures: Figures) -> ColumnType:
    """Only the links, which are built here, may render."""
    if title == LINKS:
        return "markdown"
    return "number" if title == RANK or title in figures.columns else "str"


def _cell(row: BoardRow, title: str, figures: Figures, best: dict[str, float | None]) -> Cell:
    style = MEASURED_ROW if row.record is not None else ""
    if title == RANK:
        return Cell(row.rank or MISSING, str(row.rank or NOTHING), style)
    if title == METHOD:
        return Cell(row.method, row.method, style)
    column = figures.columns.get(title)
    if column is None and title != INTERVAL:
        text = DESCRIBED[title](row)
        return Cell(text, text, style)
    headline = figures.headline
    ranked_by = headline if title == INTERVAL else title
    value = _value(row, figures.columns[ranked_by]) if ranked_by else None
    is_best = row.rank is not None and value is not None and value == best[ranked_by or ""]
    style = "; ".join(filter(None, [style, BEST if is_best else ""]))
    if column is None:
        text = interval_text(row, figures.columns[headline]) if headline else ""
        return Cell(text, text, style)
    # a source's figures show no digits that it did not print
    text = row.cells[column].text if column in row.cells else NOTHING
    return Cell(MISSING if value is None else value, text, style)


def _value(row: BoardRow, column: Column) -> float | None:
    return row.cells[column].value if column in row.cells else None


def _best(rows: Sequence[BoardRow], column: Column) -> float | None:
    """The lowest figure of the ranked rows."""
    values = (_value(row, column) for row in rows if row.rank is not None)
    return min((value for value in values if value is not None), default=None)


def links(row: BoardRow) -> str:
    """Markdown links to the paper and the code of a row, as far as they are known."""
    paper = paper_of(row)
    known = {} if paper is None else {"paper": paper.paper, "code": paper.code}
    if row.link not in known.values():
        known["link"] = row.link
    made = {word: web_address(address) for word, address in known.items()}
    return " · ".join(f"[{word}]({address})" for word, address in made.items() if address)


def web_address(address: str) -> str:
    """An http(s) address in which nothing can end a Markdown link or an HTML attribute, or ""."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    return quote(address, safe=":/?&=%#~+,;@!$")


def interval_text(row: BoardRow, headline: Column | None) -> str:
    """The ends of the score's interval, or ""."""
    if headline is None:
        return ""
    ends = (Column(headline.score, statistic, headline.unit) for statistic in (LOW, HIGH))
    return " – ".join(row.cells[end].text for end in ends if end in row.cells)


def _year(row: BoardRow) -> str:
    paper = paper_of(row)
    return row.year or ("" if paper is None else paper.first)


def _origin(row: BoardRow) -> str:
    return " · ".join(part for part in (row.origin, row.kind) if part)
