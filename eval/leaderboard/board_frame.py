"""A board as a pandas frame, for notebooks and for the Space."""

from collections.abc import Sequence

import pandas as pd

from eval.leaderboard.board import BoardRow, flat_row, flat_titles


def board_frame(rows: Sequence[BoardRow]) -> pd.DataFrame:
    """One line a row, in their order, with numbers in percent or degrees as the titles say.

    Args:
        rows: of one board.

    Returns:
        `rank` is a nullable integer; a missing figure is NaN, a missing text "".

    Example:
        >>> from eval.leaderboard.board import board_rows
        >>> from eval.leaderboard.quoted import load_quoted
        >>> frame = board_frame(board_rows("aflw2000-3d", [], load_quoted()))
        >>> frame.loc[frame["method"] == "PRNet", "2D: mean of bins, %"].min()
        np.float64(3.62)
    """
    frame = pd.DataFrame([flat_row(row) for row in rows], columns=flat_titles(rows))
    figures = {title: float for title in frame.columns if title.endswith((", %", ", deg"))}
    return frame.astype({"rank": "Int64", **figures})
