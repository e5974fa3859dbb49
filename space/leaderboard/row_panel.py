"""The panel for one row of the board: details, files and citation."""

from pathlib import Path
from typing import Any

import gradio as gr

from eval.leaderboard.board import BoardRow
from eval.leaderboard.papers import citations
from eval.results.record import ProtocolResult
from space.components import DownloadRow, Updates, code_box
from space.leaderboard.detail import detail_html
from space.visitor_files import record_files

RECORD, ERRORS = "Record (JSON)", "Error of each image (CSV)"


class RowPanel:
    """The panel, laid out in the current Blocks; empty until a row is selected."""

    def __init__(self) -> None:
        self._detail = gr.HTML(detail_html(None, ""), elem_id="row-detail")
        self._downloads = DownloadRow([RECORD, ERRORS], elem_id="row-downloads")
        self._citation = code_box("Cite (BibTeX)", visible=False, elem_id="cite")
        self._record = gr.State()
        self._downloads.connect(row_file, self._record)

    def outputs(self) -> list[Any]:
        """All components that depend on the row, as outputs of an event."""
        return [self._detail, self._downloads.row, self._citation, self._record]

    def shown(self, row: BoardRow | None, score: str) -> Updates:
        """The panel's values for a row, or for no row.

        Args:
            row: row of the board; only measured rows have files.
            score: label of the score that the table shows.
        """
        bibtex = "" if row is None else citations(row)
        record = None if row is None else row.record
        return {
            self._detail: detail_html(row, score),
            self._downloads.row: gr.Row(visible=record is not None),
            self._citation: gr.Textbox(bibtex, visible=bool(bibtex)),
            self._record: record,
        }


def row_file(name: str, record: ProtocolResult | None) -> Path | None:
    """The file of a download button under a row; None if the row is no longer known.

    Args:
        name: `RECORD` or `ERRORS`.
        record: record of the row.
    """
    if record is None:
        gr.Warning("Choose the row again; it is no longer kept.")
        return None
    as_json, as_csv = record_files(record)
    return as_json if name == RECORD else as_csv
