"""The panel that compares two measured methods of a board."""

from typing import Any

import gradio as gr

from space.components import Updates
from space.leaderboard import text
from space.leaderboard.compare import comparison_words
from space.leaderboard.view import BoardView, compared_at_first, names_of


class PairPanel:
    """The panel, laid out in the current Blocks; empty until a board is shown.

    Attributes:
        sides: the two lists of methods.
        words: the comparison as text.
    """

    def __init__(self) -> None:
        gr.Markdown(f"{text.COMPARE}\n{text.COMPARE_HELP}")
        with gr.Row():
            first = gr.Dropdown(label="A", elem_id="compare-a", min_width=200)
            second = gr.Dropdown(label="B", elem_id="compare-b", min_width=200)
        self.sides = (first, second)
        self.words = gr.HTML(elem_id="comparison")

    def outputs(self) -> list[Any]:
        """All components that depend on the board, as outputs of an event."""
        return [*self.sides, self.words]

    def shown(self, view: BoardView) -> Updates:
        """The panel's values for a board: its first pair."""
        names = list(names_of(view))
        pair = compared_at_first(names_of(view))
        lists = {
            side: gr.Dropdown(choices=names, value=name or None)
            for side, name in zip(self.sides, pair, strict=True)
        }
        return {**lists, self.words: compared(view, *pair)}


def compared(view: BoardView, first: str | None, second: str | None) -> str:
    """The comparison of two methods of a board, by name, as text."""
    names = names_of(view)
    return comparison_words(names.get(first or ""), names.get(second or ""), view.score)
