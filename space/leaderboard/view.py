"""The selected part of the boards: one benchmark, one protocol variant, one score."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from eval.benchmarks import PROTOCOLS
from eval.leaderboard.board import BoardRow, board_rows, columns_of
from eval.leaderboard.quoted import QUOTED_BOARDS, QuotedResult, load_quoted
from eval.results.record import ProtocolResult

Origins = Literal["Measured and quoted", "Measured", "Quoted"]
BOTH, MEASURED, QUOTED = get_args(Origins)
OURS = "dasl"  # prefix of the names of this project's methods


@dataclass(frozen=True)
class Asked:
    """A visitor's choices; choices that do not exist are ignored.

    Attributes:
        board: name of the benchmark.
        variant: the protocol choices of the measured rows, as in `BoardRow.choices`.
        score: label, such as "3D, z mean".
        origins: which kinds of rows to show.
    """

    board: str | None = None
    variant: str | None = None
    score: str | None = None
    origins: str = BOTH


@dataclass(frozen=True)
class BoardView:
    """What is shown, and the available choices.

    Attributes:
        board: name of the benchmark.
        title: readable name of the benchmark.
        variant: variant of the measured rows; "" if nothing was measured.
        score: label of the score in the table and the plots.
        rows: the rows shown, in the board's order.
        boards: names of all boards.
        variants: variants of this benchmark.
        scores: scores of this benchmark.
    """

    board: str
    title: str
    variant: str
    score: str
    rows: tuple[BoardRow, ...]
    boards: tuple[str, ...]
    variants: tuple[str, ...]
    scores: tuple[str, ...]

    @property
    def measured(self) -> tuple[BoardRow, ...]:
        """The shown rows that were measured by this project's scorer."""
        return tuple(row for row in self.rows if row.record is not None)


def view_of(records: Sequence[ProtocolResult], asked: Asked) -> BoardView:
    """The rows that a visitor asked for.

    Args:
        records: all measured results.
        asked: choices, each optional.
    """
    boards = board_names(records)
    board = asked.board if asked.board in boards else boards[0]
    rows = all_rows(board, records)
    counts = Counter(row.choices for row in rows if row.record is not None)
    variants = tuple(name for name, _ in counts.most_common())
    variant = _chosen(asked.variant, variants)
    scores = tuple(dict.fromkeys(column.score for column in columns_of(rows)))
    score = _chosen(asked.score, scores)
    return BoardView(
        board=board,
        title=_title(board),
        variant=variant,
        score=score,
        rows=tuple(row for row in rows if _is_shown(row, variant, score, asked.origins)),
        boards=boards,
        variants=variants,
        scores=scores,
    )


def _title(board: str) -> str:
    if board in PROTOCOLS:
        return PROTOCOLS[board].listed_title
    return QUOTED_BOARDS.get(board, board)


def names_of(view: BoardView) -> dict[str, ProtocolResult]:
    """The measured records by unique name; repeated names get a number."""
    names: dict[str, ProtocolResult] = {}
    for row in view.measured:
        name, count = row.method, 1
        while name in names:
            count += 1
            name = f"{row.method} ({count})"
        if row.record is not None:
            names[name] = row.record
    return names


def compared_at_first(names: Mapping[str, ProtocolResult]) -> tuple[str, str]:
    """This project's best method and the best other method; "" if there is none.

    Args:
        names: see ``names_of``, best first.
    """
    ours = [name for name, record in names.items() if _is_ours(record)]
    others = [name for name in names if name not in ours]
    first, second, *_ = [*ours[:1], *others, *ours[1:], "", ""]
    return first, second


def _is_ours(record: ProtocolResult) -> bool:
    return record.facts.method.lower().startswith(OURS)


def variant_labels(view: BoardView) -> list[tuple[str, str]]:
    """The variants with readable labels."""
    return [(_variant_label(variant), variant) for variant in view.variants]


def _variant_label(variant: str) -> str:
    """Leaves out the hash of the bin assignment: "subset: all · protocol version: 1"."""
    parts = re.split(r", (?=[a-z][a-z -]*: )", variant)
    return " · ".join(part for part in parts if not part.startswith("yaw bins"))


def all_rows(board: str, records: Sequence[ProtocolResult]) -> list[BoardRow]:
    """All rows of a benchmark, measured (in any variant) or quoted."""
    return board_rows(board, records, _quoted())


def board_names(records: Sequence[ProtocolResult]) -> tuple[str, ...]:
    """All benchmarks with rows, by number of measured rows, largest first."""
    counts = Counter(record.protocol for record in records)
    measured = [name for name, _ in counts.most_common()]
    return tuple(dict.fromkeys([*measured, *sorted({row.board for row in _quoted()})]))


@cache
def _quoted() -> tuple[QuotedResult, ...]:
    return tuple(load_quoted())


def _chosen(asked: str | None, known: Sequence[str]) -> str:
    if asked is not None and asked in known:
        return asked
    return known[0] if known else ""


def _is_shown(row: BoardRow, variant: str, score: str, origins: str) -> bool:
    """Leaves out rows of other variants (not comparable) and rows without this score."""
    if row.record is not None:
        return origins != QUOTED and row.choices == variant
    has_figure = any(column.score == score for column in row.cells)
    return origins != MEASURED and (has_figure or not row.cells)
