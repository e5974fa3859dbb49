"""The Leaderboard tab: benchmark results, measured here or quoted from papers."""

from typing import Any, get_args

import gradio as gr

from eval.leaderboard.board import BoardRow, flat_row
from space.components import Updates
from space.leaderboard import text
from space.leaderboard.board_table import board_table
from space.leaderboard.cache import RecordCache
from space.leaderboard.files import board_files
from space.leaderboard.pair_panel import PairPanel, compared
from space.leaderboard.plots import MOST_METHODS, plots_html
from space.leaderboard.row_panel import RowPanel
from space.leaderboard.table import CHOICES, ON_AT_FIRST, table
from space.leaderboard.view import (
    Asked,
    BoardView,
    Origins,
    all_rows,
    board_names,
    names_of,
    variant_labels,
    view_of,
)
from space.records import RecordSource

BOARDS_GROUP = "boards"
"""Queue for these events; uses one core at most, so that reconstructions continue."""

PLOTTED_AT_FIRST = 4


class LeaderboardTab:
    """Builds the tab inside the current Blocks; records are read when the tab is opened."""

    def __init__(self, source: RecordSource, tab: gr.Tab) -> None:
        """Lays out the components and connects them.

        Args:
            source: source of the records, shared by all visitors.
            tab: the tab; opening it loads the records.
        """
        self._source = source
        self._drawn = RecordCache(plots_html)
        self._lay_out_choices()
        self._lay_out_table()
        self._row = RowPanel()
        self._lay_out_curves()
        self._pair = PairPanel()
        self._connect(tab)
        self._offer_endpoint()

    def _lay_out_choices(self) -> None:
        with gr.Row():
            self._board = _choice("Benchmark", "benchmark", 200)
            self._variant = _choice("Protocol of the measured rows", "variant", 260)
            self._score = _choice("Score", "board-score", 140)
            self._origins = gr.Radio(
                get_args(Origins), value=get_args(Origins)[0], label="Rows", elem_id="origin"
            )
        with gr.Accordion("Columns", open=False, elem_id="columns"):
            self._columns = gr.CheckboxGroup(
                [choice.name for choice in CHOICES], value=ON_AT_FIRST, show_label=False
            )

    def _lay_out_table(self) -> None:
        self._message = gr.Markdown(elem_id="board-message")
        self._table = board_table("results")
        self._shown = gr.State()
        with gr.Row(elem_id="board-downloads"):
            self._downloads = {
                name: gr.DownloadButton(f"Download {title}", size="sm", min_width=140)
                for name, title in {"csv": "CSV", "markdown": "Markdown", "latex": "LaTeX"}.items()
            }

    def _lay_out_curves(self) -> None:
        gr.Markdown(text.CURVES)
        self._methods = gr.Dropdown(
            label=f"Measured methods, at most {MOST_METHODS}",
            multiselect=True,
            max_choices=MOST_METHODS,
            elem_id="plotted",
        )
        self._plots = gr.HTML(elem_id="board-plots")

    def _connect(self, tab: gr.Tab) -> None:
        """Adds event handlers; choices are not validated by Gradio, as lists may have changed.

        Handlers that only draw again take the board from `_shown` and not from the lists: these may
        still hold the previous board while the board of the page's address is loading.
        """
        choices: list[Any] = [self._board, self._variant, self._score, self._origins]
        seen = [*choices, self._columns]
        everything = [
            *(*choices, self._message, self._table, self._shown),
            *self._downloads.values(),
            *self._row.outputs(),
            *(self._methods, self._plots, *self._pair.outputs()),
        ]
        quiet: dict[str, Any] = {
            "api_visibility": "private",
            "concurrency_id": BOARDS_GROUP,
            "preprocess": False,
        }
        shown = [self._shown, self._columns]
        tab.select(self.show_again, shown, everything, show_progress_on=[self._table], **quiet)
        for choice in choices:
            choice.input(
                self.show,
                [*seen, self._shown],
                everything,
                show_progress_on=[self._table],
                **quiet,
            )
        self._table.input(self.restore, [self._columns], everything, **quiet)
        self._columns.change(self.show_columns, shown, [self._table], **quiet)
        plotted = [*choices, self._methods]
        behind = [*self._row.outputs(), self._methods, self._plots]
        self._table.select(self.show_row, plotted, behind, **quiet)
        self._methods.input(self.plot, plotted, [self._plots], **quiet)
        for side in self._pair.sides:
            side.input(self.compare, [*choices, *self._pair.sides], [self._pair.words], **quiet)

    def _offer_endpoint(self) -> None:
        """`/leaderboard` for programs."""
        name, rows = (
            gr.Textbox("aflw2000-3d", label="benchmark", visible=False),
            gr.JSON(label="rows", visible=False),
        )
        gr.Button(visible=False).click(
            self.leaderboard,
            inputs=[name],
            outputs=[rows],
            concurrency_id=BOARDS_GROUP,
            api_name="leaderboard",
            api_description=text.API,
        )

    def show(
        self,
        board: str | None,
        variant: str | None,
        score: str | None,
        origins: str,
        chosen: list[str],
        shown: Asked | None = None,
    ) -> Updates:
        """All values for a visitor's choices; a choice that does not exist becomes the first one.

        No updates if this view is already shown: Gradio reports a choice twice, and also
        reports lists that were only opened.
        """
        records = self._source.read()
        view = view_of(records.results, Asked(board, variant, score, origins))
        if shown == _asked(view, origins):
            return {self._message: gr.skip()}
        notes = "".join(f"**{problem}** " for problem in records.problems)
        names = names_of(view)
        plotted = list(names)[:PLOTTED_AT_FIRST]
        return {
            self._board: gr.Dropdown(choices=list(view.boards), value=view.board),
            self._variant: gr.Dropdown(
                choices=variant_labels(view),
                value=view.variant or None,
                visible=bool(view.variants),
            ),
            self._score: gr.Dropdown(choices=list(view.scores), value=view.score),
            self._message: notes + (text.HOW_TO_READ if view.rows else text.NOTHING_MEASURED),
            self._table: self._shown_table(view, origins, chosen),
            self._shown: _asked(view, origins),
            **self._files(view),
            **self._row.shown(None, view.score),
            self._methods: gr.Dropdown(choices=list(names), value=plotted, multiselect=True),
            self._plots: self._drawn([names[name] for name in plotted], view.score),
            **self._pair.shown(view),
        }

    def show_again(self, shown: Asked | None, chosen: list[str]) -> Updates:
        """The tab opens: the first board, or the one that is shown, with what came in meanwhile."""
        asked = shown or Asked()
        return self.show(asked.board, asked.variant, asked.score, asked.origins, chosen)

    def restore(self, chosen: list[str], event: gr.EventData) -> Updates:
        """The board named by the page's address, if it exists."""
        origins = event.rows if event.rows in get_args(Origins) else get_args(Origins)[0]
        shown = self.show(event.board, None, event.score, origins, chosen)
        return shown | {self._origins: origins}

    def _shown_table(self, view: BoardView, origins: str, chosen: list[str]) -> Any:
        if not view.rows:
            return None
        made = table(view.rows, view.score, chosen)
        asked = {"board": view.board, "score": view.score, "rows": origins}
        return made.for_browser(view.title, asked)

    def _files(self, view: BoardView) -> Updates:
        files = board_files(view.board, view.rows) if view.rows else {}
        return {
            button: gr.DownloadButton(
                value=str(files[name]) if name in files else None, visible=name in files
            )
            for name, button in self._downloads.items()
        }

    def show_columns(self, shown: Asked | None, chosen: list[str]) -> Any:
        """The same rows with other columns."""
        if shown is None:
            return gr.skip()
        view = view_of(self._source.read().results, shown)
        return self._shown_table(view, shown.origins, chosen)

    def show_row(
        self,
        board: str,
        variant: str,
        score: str,
        origins: str,
        plotted: list[str],
        event: gr.EventData,
    ) -> Updates:
        """Details of the clicked row; a measured row is added to the curves."""
        view = self._view(board, variant, score, origins)
        row = _clicked(view, event)
        panel, names = self._row.shown(row, view.score), names_of(view)
        if row is None or row.record is None:
            return panel
        name = next((n for n, record in names.items() if record is row.record), "")
        joined = plotted
        if name and name not in plotted and len(plotted) < MOST_METHODS:
            joined = [*plotted, name]
        drawn = self._drawn([names[n] for n in joined if n in names], view.score)
        return panel | {self._methods: joined, self._plots: drawn}

    def plot(self, board: str, variant: str, score: str, origins: str, methods: list[str]) -> str:
        """The curves of some measured methods."""
        view = self._view(board, variant, score, origins)
        names = names_of(view)
        return self._drawn([names[name] for name in methods if name in names], view.score)

    def compare(
        self,
        board: str,
        variant: str,
        score: str,
        origins: str,
        first: str | None,
        second: str | None,
    ) -> str:
        """The comparison of two measured methods as text."""
        return compared(self._view(board, variant, score, origins), first, second)

    def leaderboard(self, benchmark: str) -> list[dict[str, Any]]:
        """The API's answer: the rows of a board with every figure.

        Args:
            benchmark: name of the board, such as aflw2000-3d.
        """
        results = self._source.read().results
        known = board_names(results)
        if benchmark not in known:
            raise gr.Error(
                f"Unknown board; choose one of {', '.join(known)}.", print_exception=False
            )
        return [flat_row(row) for row in all_rows(benchmark, results)]

    def _view(self, board: str, variant: str, score: str, origins: str) -> BoardView:
        return view_of(self._source.read().results, Asked(board, variant, score, origins))


def _choice(label: str, elem_id: str, min_width: int) -> gr.Dropdown:
    """A dropdown without a text field, so that phones show no keyboard."""
    return gr.Dropdown(label=label, filterable=False, elem_id=elem_id, min_width=min_width)


def _asked(view: BoardView, origins: str) -> Asked:
    """The choices that lead to this view."""
    return Asked(view.board, view.variant, view.score, origins)


def _clicked(view: BoardView, event: gr.EventData) -> BoardRow | None:
    """The clicked row; its name shows whether the board has changed since."""
    place, method = event.place, event.method
    if isinstance(place, int) and 0 <= place < len(view.rows) and view.rows[place].method == method:
        return view.rows[place]
    return next((row for row in view.rows if row.method == method), None)
