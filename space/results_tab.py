"""The boards: benchmark results, measured here or quoted from papers."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import gradio as gr
import pandas as pd
from pandas.io.formats.style import Styler

from eval.errors import RecordError
from eval.leaderboard.board import (
    HIGH,
    LOW,
    MEAN_OF_BINS,
    MEAN_OF_IMAGES,
    BoardRow,
    Column,
    board_rows,
)
from eval.leaderboard.board import columns_of as columns_with_figures
from eval.leaderboard.quoted import load_quoted
from eval.record_files import load_records
from space import text

ColumnType = Literal["str", "number", "markdown"]
Origins = Literal["Measured and quoted", "Measured", "Quoted"]

ORIGINS: tuple[Origins, ...] = ("Measured and quoted", "Measured", "Quoted")
INTERVAL = "95 % interval"
UNRANKED = "–"
WIDTHS = {"Rank": 64, "Method": 260, INTERVAL: 130, "Origin": 150, "Faces": 124, "Boxes": 110}
WIDTHS |= {"Remark": 260, "Source": 320, "Link": 150}
"""Of the columns, pixels."""

OTHER_WIDTH = 96

BEST_IS_BOLD = "font-weight: 700"


class ResultsTab:
    """Builds the tab inside the current Blocks; the records are read at each visit."""

    def __init__(self, folder: Path, demo: gr.Blocks) -> None:
        """Lays out the components.

        Args:
            folder: with the scorer's records.
            demo: whose loading shows them.
        """
        self._folder = folder
        self._message = gr.Markdown()
        with gr.Row():
            self._benchmark = gr.Dropdown(label="Benchmark", elem_id="benchmark")
            self._origin = gr.Radio(ORIGINS, value=ORIGINS[0], label="Rows", elem_id="origin")
        self._table = gr.Dataframe(
            label="Results",
            interactive=False,
            visible=False,
            wrap=True,
            show_search="filter",
            pinned_columns=1,
            elem_id="results",
        )
        shown: list[Any] = [self._message, self._benchmark, self._table]
        demo.load(self._visit, outputs=shown, api_visibility="private")
        choices: list[Any] = [self._benchmark, self._origin]
        for choice in choices:
            choice.input(self.show, inputs=choices, outputs=shown, api_visibility="private")

    def _visit(self) -> tuple[Any, Any, Any]:
        return self.show(None, ORIGINS[0])

    def show(self, benchmark: str | None, origins: Origins) -> tuple[Any, Any, Any]:
        """Message, choice and table of one benchmark; of the first where none is named."""
        try:
            records = load_records(self._folder)
        except RecordError as error:
            # the path inside the message is the server's business
            message = f"A record cannot be read: `{Path(str(error).split(': ')[0]).name}`."
            return message, gr.Dropdown(), gr.Dataframe(visible=False)
        quoted = load_quoted()
        measured_names = sorted({record.protocol for record in records})
        names = list(dict.fromkeys([*measured_names, *sorted({row.board for row in quoted})]))
        chosen = benchmark if benchmark in names else names[0]
        rows = [
            row
            for row in board_rows(chosen, records, quoted)
            if origins == ORIGINS[0] or row.origin == origins.lower()
        ]
        choice = gr.Dropdown(choices=names, value=chosen)
        if not rows:
            return text.NO_RECORDS, choice, gr.Dataframe(visible=False)
        frame = table(rows)
        shown = gr.Dataframe(
            styled(frame),
            datatype=datatypes(frame),
            column_widths=[WIDTHS.get(name, OTHER_WIDTH) for name in frame.columns],
            visible=True,
        )
        return text.RESULTS, choice, shown


def table(rows: Sequence[BoardRow]) -> pd.DataFrame:
    """One line a row: measured ones by rank, then quoted ones by figure.

    Args:
        rows: of one board, in the order of `eval.leaderboard.board.board_rows`.
    """
    columns = columns_with_figures(rows)
    return pd.DataFrame([_line(row, columns) for row in rows])


def styled(frame: pd.DataFrame) -> Styler:
    """The table with the lowest ranked error of each column in bold."""
    errors = _error_names(frame)
    ranked = frame.index[frame["Rank"] != UNRANKED]
    style = frame.style.format(dict.fromkeys(errors, "{:.3f}"), na_rep=UNRANKED)
    # a source's figures show no digits that it did not print
    quoted = frame.index[frame["Origin"].str.startswith("quoted")]
    style = style.format("{:.6g}", subset=(quoted, errors), na_rep=UNRANKED)
    if len(ranked) == 0:
        return style
    return style.highlight_min(subset=(ranked, errors), props=BEST_IS_BOLD)


def datatypes(frame: pd.DataFrame) -> list[ColumnType]:
    """Gradio's type of each column; only the link, which is built here, may render."""
    kinds: dict[str, ColumnType] = dict.fromkeys(_error_names(frame), "number")
    kinds["Link"] = "markdown"
    return [kinds.get(name, "str") for name in frame.columns]


def _error_names(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name.endswith((", %", ", deg"))]


def _line(row: BoardRow, columns: Sequence[Column]) -> dict[str, Any]:
    line: dict[str, Any] = {
        "Rank": UNRANKED if row.rank is None else str(row.rank),
        "Method": row.method,
        "Year": row.year,
        "Origin": " ".join(part for part in (row.origin, row.kind and f"({row.kind})") if part),
    }
    for column in columns:
        if column.statistic in (LOW, HIGH):
            continue
        cell = row.cells.get(column)
        line[column.title] = math.nan if cell is None else cell.value
        if column == _headline(columns):
            line[INTERVAL] = _interval(row, column)
    return line | {
        "Faces": row.faces,
        "Boxes": row.boxes,
        "Remark": row.remark,
        "Source": row.source,
        "Link": _link(row.link),
    }


def _headline(columns: Sequence[Column]) -> Column:
    """The mean of the first score: of bins where there are bins."""
    first = [column for column in columns if column.score == columns[0].score]
    means = [column for column in first if column.statistic in (MEAN_OF_BINS, MEAN_OF_IMAGES)]
    return means[0] if means else first[0]


def _interval(row: BoardRow, headline: Column) -> str:
    ends = [
        row.cells.get(Column(headline.score, statistic, headline.unit)) for statistic in (LOW, HIGH)
    ]
    return " – ".join(end.text for end in ends if end is not None)


def _link(address: str) -> str:
    """Markdown for an http(s) address; anything else is left out."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    host = quote(parts.netloc, safe="")
    return f"[{host}]({quote(address, safe=':/?&=%#~+,;@!$')})"
