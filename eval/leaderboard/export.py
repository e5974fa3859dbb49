"""Boards as CSV, Markdown and LaTeX."""

import csv
import io
import re
from collections.abc import Callable, Sequence

from eval.leaderboard.board import BoardRow, columns_of, flat_row, flat_titles
from eval.leaderboard.board_text import Block, Line, Notes, blocks_of, unit_text

_LATEX = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def csv_text(board: str, rows: Sequence[BoardRow]) -> str:
    """All figures of all rows, unrounded, with one line of titles; for programs.

    Args:
        board: its name, the first column.
        rows: of the board.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, ["board", *flat_titles(rows)], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        cells = {name: _csv_cell(value) for name, value in flat_row(row).items()}
        writer.writerow({"board": board, **cells})
    return text.getvalue()


def markdown_text(board: str, rows: Sequence[BoardRow]) -> str:
    """A table for each block, the best ranked figures in bold, and the notes below."""
    notes = Notes()
    lines = [f"**{_markdown(board)}**: errors in {unit_text(rows)}, lower is better"]
    for block in blocks_of(rows, columns_of(rows), notes):
        titles = [*block.before, *(f"{s}: {name}" for s, name in block.figures), *block.after]
        body = (_cells(line, _markdown, "**{}**") for line in block.lines)
        table = [[_markdown(title) for title in titles], ["---"] * len(titles), *body]
        lines += ["", _markdown(block.heading), ""]
        lines += ["| " + " | ".join(cells) + " |" for cells in table]
    lines.append("")
    lines += [f"- {_markdown(f'{mark} {text}')}" for mark, text in notes.entries()]
    return "\n".join(lines) + "\n"


def latex_text(board: str, rows: Sequence[BoardRow]) -> str:
    """A tabular for each block; needs the package booktabs."""
    notes = Notes()
    lines = [f"% {_one_line(board)}: errors in {unit_text(rows)}, lower is better"]
    lines.append("% \\usepackage{booktabs}")
    for block in blocks_of(rows, columns_of(rows), notes):
        lines += ["", f"% {_one_line(block.heading)}", *_tabular(block)]
    lines += ["", r"\par\footnotesize"]
    lines += [f"{{}}{_latex(mark)} {_latex(text)}\\\\" for mark, text in notes.entries()]
    return "\n".join(lines) + "\n"


TABLES: dict[str, Callable[[str, Sequence[BoardRow]], str]] = {
    "csv": csv_text,
    "markdown": markdown_text,
    "latex": latex_text,
}
"""Text of a board, by the name of the format."""


def _tabular(block: Block) -> list[str]:
    """The tabular of a block, with two lines of titles: scores above their statistics."""
    scores = [score for score, _ in block.figures]
    spans, rules = [], []
    place = len(block.before) + 1
    for score in dict.fromkeys(scores):
        width = scores.count(score)
        spans.append(f"\\multicolumn{{{width}}}{{c}}{{{_latex(score)}}}")
        rules.append(f"\\cmidrule(lr){{{place}-{place + width - 1}}}")
        place += width
    above = [*[""] * len(block.before), *spans, *[""] * len(block.after)]
    titles = [*block.before, *(name for _, name in block.figures), *block.after]
    body = (_cells(line, _latex, r"\textbf{{{}}}") for line in block.lines)
    layout = "l" * len(block.before) + "r" * len(block.figures) + "l" * len(block.after)
    return [
        f"\\begin{{tabular}}{{{layout}}}",
        r"\toprule",
        _latex_row(above),
        "".join(rules),
        _latex_row([_latex(title) for title in titles]),
        r"\midrule",
        *(_latex_row(cells) for cells in body),
        r"\bottomrule",
        r"\end{tabular}",
    ]


def _cells(line: Line, escape: Callable[[str], str], bold: str) -> list[str]:
    figures = (
        bold.format(escape(text)) if place in line.bold else escape(text)
        for place, text in enumerate(line.figures)
    )
    return [*map(escape, line.before), *figures, *map(escape, line.after)]


def _latex_row(cells: Sequence[str]) -> str:
    # LaTeX would read a bracket at the start of a row as an option of the \\ before it.
    return "{}" + " & ".join(cells) + r" \\"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in _one_line(text))


def _markdown(text: str) -> str:
    """Text escaped so that no Markdown renderer reads it as markup or HTML."""
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _csv_cell(value: str | float | None) -> str:
    """Numbers in full precision; text that a spreadsheet would run as a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
