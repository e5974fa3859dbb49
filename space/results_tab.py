"""The benchmark results that were measured here."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import gradio as gr
import pandas as pd
from pandas.io.formats.style import Styler

from eval.errors import RecordError
from eval.results import ProtocolResult, load_records
from space import text

ColumnType = Literal["str", "number", "markdown"]

HEADLINE = "NME, %"
WIDTHS = {"Rank": 64, "Method": 250, "95 % interval": 130, "Faces": 124, "Boxes": 130, "Link": 150}
"""Of the columns, pixels."""

OTHER_WIDTH = 88

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
        self._benchmark = gr.Dropdown(label="Benchmark", visible=False, elem_id="benchmark")
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
        self._benchmark.input(
            self.show, inputs=[self._benchmark], outputs=shown, api_visibility="private"
        )

    def _visit(self) -> tuple[Any, Any, Any]:
        return self.show(None)

    def show(self, benchmark: str | None) -> tuple[Any, Any, Any]:
        """Message, choice and table of one benchmark; of the first where none is named."""
        try:
            records = load_records(self._folder)
        except RecordError as error:
            # the path inside the message is the server's business
            message = f"A record cannot be read: `{Path(str(error).split(': ')[0]).name}`."
            return _nothing(message)
        if not records:
            return _nothing(text.NO_RECORDS)
        names = sorted({record.protocol for record in records})
        chosen = benchmark if benchmark in names else names[0]
        frame = table([record for record in records if record.protocol == chosen])
        return (
            text.RESULTS,
            gr.Dropdown(choices=names, value=chosen, visible=True),
            gr.Dataframe(
                styled(frame),
                datatype=datatypes(frame),
                column_widths=[WIDTHS.get(name, OTHER_WIDTH) for name in frame.columns],
                visible=True,
            ),
        )


def table(records: Sequence[ProtocolResult]) -> pd.DataFrame:
    """One row a record, best first; partial coverage last and without a rank.

    Args:
        records: of one protocol.
    """
    ordered = sorted(
        records, key=lambda r: (not r.is_ranked, r.score_2d.mean_of_bins, r.method.lower())
    )
    return pd.DataFrame([_row(rank, record) for rank, record in enumerate(ordered, 1)])


def styled(frame: pd.DataFrame) -> Styler:
    """The table with the lowest ranked error of each column in bold."""
    errors = [name for name in frame.columns if name.endswith(", %")]
    ranked = frame.index[frame["Rank"] != "–"]
    style = frame.style.format(dict.fromkeys(errors, "{:.3f}"), na_rep="–")
    if len(ranked) == 0:
        return style
    return style.highlight_min(subset=(ranked, errors), props=BEST_IS_BOLD)


def datatypes(frame: pd.DataFrame) -> list[ColumnType]:
    """Gradio's type of each column; only the link, which is built here, may render."""
    kinds: dict[str, ColumnType] = {"Link": "markdown"}
    return [kinds.get(name, "number" if name.endswith(", %") else "str") for name in frame.columns]


def _row(rank: int, record: ProtocolResult) -> dict[str, Any]:
    score, depth = record.score_2d, record.score_3d
    row: dict[str, Any] = {
        "Rank": str(rank) if record.is_ranked else "–",
        "Method": record.method,
        HEADLINE: _percent(score.mean_of_bins),
        "95 % interval": " – ".join(
            f"{_percent(end):.3f}" for end in (score.interval.low, score.interval.high)
        ),
    }
    row |= {f"{part.label}°, %": _percent(part.mean) for part in score.bins}
    return row | {
        "Images, %": _percent(score.mean_of_images),
        "3D, %": _percent(depth.mean_of_bins) if depth else math.nan,
        "Origin": "measured",
        "Faces": f"{record.scored:,} of {record.expected:,}",
        "Boxes": record.boxes,
        "Link": _link(record.link),
    }


def _percent(fraction: float) -> float:
    return round(100 * fraction, 3)


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


def _nothing(message: str) -> tuple[Any, Any, Any]:
    return message, gr.Dropdown(visible=False), gr.Dataframe(visible=False)
