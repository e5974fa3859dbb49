"""A board as a table: selected columns, best figures in bold, measured rows marked.

The browser draws, sorts and filters it with `space/web/board_table.js`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
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
from space.text import stated

ColumnKind = Literal["rank", "name", "number", "text", "links"]
"""How the browser draws a column, and whether it sorts it by number."""

RANK, METHOD, INTERVAL, LINKS = "Rank", "Method", "95 % interval", "Links"
NOTHING = "–"

OURS_LINK = ("method", "?tab=about")
"""For this project's own rows, which no paper describes."""


@dataclass(frozen=True)
class Choice:
    """A column that a visitor may switch on or off.

    Attributes:
        name: title of the column or of a group of columns.
        text: function from a row to its cell; None for the groups of figures.
        is_on: whether it is shown by default.
    """

    name: str
    text: Callable[[BoardRow], str] | None
    is_on: bool


def _stated(name: str) -> Callable[[BoardRow], str]:
    """A fact of a measured row's method."""

    def text(row: BoardRow) -> str:
        return "" if row.record is None else stated(str(getattr(row.record.facts, name)))

    return text


YAW_BINS, OTHER_SCORES, MEAN_IMAGES = "Yaw bins", "Other scores", "Mean of images"
CHOICES = (
    Choice(INTERVAL, None, True),
    Choice(YAW_BINS, None, True),
    Choice(MEAN_IMAGES, None, True),
    Choice(OTHER_SCORES, None, False),
    Choice("Year", lambda row: _year(row), True),
    Choice("Boxes", lambda row: row.boxes, True),
    Choice("Training data", _stated("training_data"), True),
    Choice("Origin", lambda row: _origin(row), True),
    Choice(LINKS, lambda row: " · ".join(word for word, _ in links(row)), True),
    Choice("Faces", lambda row: row.faces, True),
    Choice("Licence", _stated("licence"), False),
    Choice("Remark", lambda row: row.remark, False),
    Choice("Source", lambda row: row.source, False),
)
ON_AT_FIRST = [choice.name for choice in CHOICES if choice.is_on]
DESCRIBED = {choice.name: choice.text for choice in CHOICES if choice.text}


@dataclass(frozen=True)
class Figures:
    """The columns of figures of a table.

    Attributes:
        columns: by title, in order, the headline first.
        headline: title of the chosen score's mean; None where no row has one.
    """

    columns: dict[str, Column]
    headline: str | None


def figures_of(rows: Sequence[BoardRow], score: str, chosen: Sequence[str]) -> Figures:
    """The columns of figures to show.

    Args:
        rows: rows of one board.
        score: label of the main score; its columns omit the score's name.
        chosen: names of `CHOICES`.
    """
    mine = [c for c in columns_of(rows) if c.score == score and c.statistic not in (LOW, HIGH)]
    headline = headline_of(mine)
    mine.sort(key=lambda column: column != headline)
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
    """The mean of bins if present, else the mean of images, else the first column."""
    for statistic in (MEAN_OF_BINS, MEAN_OF_IMAGES):
        for column in columns:
            if column.statistic == statistic:
                return column
    return columns[0] if columns else None


@dataclass(frozen=True)
class Cell:
    """A cell: the value to sort by and how it is shown.

    Attributes:
        value: sort key; rows with None come last in both sort orders.
        text: text shown.
        is_best: whether it is the best ranked figure of its column.
        links: text and address of each link; the addresses are safe in HTML.
    """

    value: str | float | None
    text: str
    is_best: bool = False
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Line:
    """One row: its cells, and whether its figures were measured."""

    cells: tuple[Cell, ...]
    is_measured: bool


@dataclass(frozen=True)
class Table:
    """A board with its selected columns: a sequence of cells for each row, in order."""

    titles: tuple[str, ...]
    kinds: tuple[ColumnKind, ...]
    lines: tuple[Line, ...]

    def for_browser(self, label: str, asked: Mapping[str, str]) -> dict[str, Any]:
        """What `board_table.js` draws.

        Args:
            label: readable title of the table.
            asked: values for the page's address: `board` (a new one resets filter and order),
                `score` and `rows`.
        """
        return {"label": label, "asked": dict(asked), **asdict(self)}


def table(rows: Sequence[BoardRow], score: str, chosen: Sequence[str]) -> Table:
    """The rows as a table.

    Args:
        rows: rows of one board.
        score: see `figures_of`.
        chosen: names of `CHOICES`; other columns are left out.
    """
    figures = figures_of(rows, score, chosen)
    titles = _titles(figures, chosen)
    best = {title: _best(rows, column) for title, column in figures.columns.items()}
    lines = (
        Line(tuple(_cell(row, title, figures, best) for title in titles), row.record is not None)
        for row in rows
    )
    return Table(titles, tuple(_kind(title, figures) for title in titles), tuple(lines))


def _titles(figures: Figures, chosen: Sequence[str]) -> tuple[str, ...]:
    """The name, then the figures with the headline's interval, then the rest.

    This order keeps the score visible on phones, where the table is wider than the screen.
    """
    middle = []
    for title in figures.columns:
        middle.append(title)
        if title == figures.headline and INTERVAL in chosen:
            middle.append(INTERVAL)
    return (RANK, METHOD, *middle, *(name for name in DESCRIBED if name in chosen))


def _kind(title: str, figures: Figures) -> ColumnKind:
    """Only the links, which are built here, may become more than text."""
    kinds: dict[str, ColumnKind] = {
        RANK: "rank",
        METHOD: "name",
        LINKS: "links",
        INTERVAL: "number",
    }
    return kinds.get(title, "number" if title in figures.columns else "text")


def _cell(row: BoardRow, title: str, figures: Figures, best: dict[str, float | None]) -> Cell:
    if title == RANK:
        return Cell(row.rank, str(row.rank or NOTHING))
    if title == METHOD:
        return Cell(row.method, row.method)
    column = figures.columns.get(title)
    if column is None and title != INTERVAL:
        text = DESCRIBED[title](row)
        return Cell(text or None, text, links=links(row) if title == LINKS else ())
    headline = figures.headline
    ranked_by = headline if title == INTERVAL else title
    value = _value(row, figures.columns[ranked_by]) if ranked_by else None
    is_best = row.rank is not None and value is not None and value == best[ranked_by or ""]
    if column is None:
        text = interval_text(row, figures.columns[headline]) if headline else ""
        return Cell(value if text else None, text, is_best)
    # show only as many digits as the source printed
    text = row.cells[column].text if column in row.cells else NOTHING
    return Cell(value, text, is_best)


def _value(row: BoardRow, column: Column) -> float | None:
    return row.cells[column].value if column in row.cells else None


def _best(rows: Sequence[BoardRow], column: Column) -> float | None:
    """The lowest figure of the ranked rows."""
    values = (_value(row, column) for row in rows if row.rank is not None)
    return min((value for value in values if value is not None), default=None)


def links(row: BoardRow) -> tuple[tuple[str, str], ...]:
    """Text and address of the links to a row's paper and code, if known."""
    paper = paper_of(row)
    known = {} if paper is None else {"paper": paper.paper, "code": paper.code}
    if row.link not in known.values():
        known["link"] = row.link
    made = {word: web_address(address) for word, address in known.items()}
    found = tuple((word, address) for word, address in made.items() if address)
    return found or ((OURS_LINK,) if _has_our_weights(row) else ())


def web_address(address: str) -> str:
    """An http(s) address that is safe inside an HTML attribute, or ""."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    return quote(address, safe=":/?&=%#~+,;@!$")


def interval_text(row: BoardRow, headline: Column | None) -> str:
    """The bounds of the score's interval, or ""."""
    if headline is None:
        return ""
    ends = (Column(headline.score, statistic, headline.unit) for statistic in (LOW, HIGH))
    return " – ".join(row.cells[end].text for end in ends if end in row.cells)


def _year(row: BoardRow) -> str:
    """The stated year, or the first paper's; for this project's rows, the year of measurement."""
    paper = paper_of(row)
    if paper is None and row.record is not None and _has_our_weights(row):
        return row.year or row.record.created[:4]
    return row.year or ("" if paper is None else paper.first)


def _has_our_weights(row: BoardRow) -> bool:
    """Its weights came with this project; a submission has to name them on the hub."""
    return row.record is not None and row.record.facts.weights_revision.startswith("embedded@")


def _origin(row: BoardRow) -> str:
    return " · ".join(part for part in (row.origin, row.kind) if part)
