"""A board as a download: CSV, Markdown and LaTeX."""

from collections.abc import Sequence
from pathlib import Path

from eval.leaderboard.board import BoardRow
from eval.leaderboard.export import TABLES
from space.visitor_files import visitor_folder

SUFFIXES = {"csv": ".csv", "markdown": ".md", "latex": ".tex"}


def board_files(board: str, rows: Sequence[BoardRow]) -> dict[str, Path]:
    """Write the rows in each format, to the folder that Gradio cleans up.

    Args:
        board: name of the board.
        rows: rows of the board.

    Returns:
        The path by the format's name.
    """
    folder = visitor_folder()
    files = {name: folder / f"{board}{suffix}" for name, suffix in SUFFIXES.items()}
    for name, path in files.items():
        path.write_text(TABLES[name](board, rows), encoding="utf-8")
    return files
