"""Comparisons as text for the terminal, in percentage points or degrees."""

import math
from collections.abc import Sequence

from eval.results.record import Unit
from eval.scoring.comparison import Comparison, Difference, Side
from eval.untrusted.text import listed, printable

CAUTION = (
    "The intervals say how far the choice of images matters, not the luck of another training run."
)
SMALLEST_P = 1e-99


def comparison_text(comparisons: Sequence[Comparison]) -> str:
    """A short report, the first method called A and the second B.

    Args:
        comparisons: at least one, of the same two results.
    """
    first = comparisons[0]
    lines = [
        f"{first.protocol}: {first.compared:,} of {first.expected:,} images compared",
        f"A  {printable(first.first.method)}",
        f"B  {printable(first.second.method)}",
        *_left_out(first),
    ]
    for part in comparisons:
        lines += ["", *_score_lines(part)]
    return "\n".join([*lines, "", CAUTION]) + "\n"


def verdict(comparison: Comparison) -> str:
    """Who is better and whether that is beyond the choice of images, in one sentence."""
    better, gap = comparison.better, comparison.difference.mean
    if math.isnan(gap):
        return f"no {comparison.difference.label}: in some bin no image was scored by both"
    if better is None:
        return f"A and B have the same {comparison.difference.label}"
    name = "A" if better is comparison.first else "B"
    size, unit = _figure(abs(gap), comparison.unit), _unit_words(comparison.unit)
    interval = comparison.difference.interval
    if comparison.excludes_zero:
        reading = f"excludes 0: {name} is better beyond the choice of images"
    else:
        reading = "includes 0: these images do not tell which is better"
    return f"{name} is better by {size} {unit}; the {100 * interval.level:g} % interval {reading}"


def _left_out(comparison: Comparison) -> list[str]:
    """How many images were left out, and through whom."""
    count = comparison.expected - comparison.compared
    if not count:
        return []
    causes = [
        f"{name} failed on {len(side.failed_ids):,} ({listed(list(side.failed_ids))})"
        for name, side in (("A", comparison.first), ("B", comparison.second))
        if side.failed_ids
    ]
    return [f"left out  {count:,} images: {'; '.join([*causes]) or 'in no bin'}"]


def _score_lines(comparison: Comparison) -> list[str]:
    rows = [comparison.difference, *comparison.bins]
    width = max(len(row.label) for row in rows)
    return [
        f"{comparison.label}, B - A in {_unit_words(comparison.unit)}, "
        f"95 % interval of {comparison.difference.interval.draws:,} paired bootstrap draws",
        *(_row(row, width, comparison.unit) for row in rows),
        f"  {comparison.difference.label}: {_side_words('A', comparison.first, comparison.unit)}, "
        f"{_side_words('B', comparison.second, comparison.unit)}",
        f"  sign test: A has the smaller error on {comparison.first.won:,} images, "
        f"B on {comparison.second.won:,}, equal on {comparison.ties:,}; "
        f"{_p_words(comparison.sign_p_value)}",
        f"  {verdict(comparison)}",
    ]


def _row(part: Difference, width: int, unit: Unit) -> str:
    mean, low, high = (
        "-" if math.isnan(value) else f"{'+' if value >= 0 else '-'}{_figure(abs(value), unit)}"
        for value in (part.mean, part.interval.low, part.interval.high)
    )
    return f"  {part.label:<{width}}  {part.count:>6,} images  {mean:>7}  [{low}, {high}]"


def _side_words(name: str, side: Side, unit: Unit) -> str:
    if math.isnan(side.headline):
        return f"{name} -"
    return f"{name} {_figure(side.headline, unit)}{' %' if unit == 'fraction' else ' deg'}"


def _figure(value: float, unit: Unit) -> str:
    """Percent with three decimals, or degrees with two, without its unit."""
    return f"{100 * value:.3f}" if unit == "fraction" else f"{value:.2f}"


def _unit_words(unit: Unit) -> str:
    return "percentage points" if unit == "fraction" else "degrees"


def _p_words(p_value: float) -> str:
    return f"p = {p_value:.2g}" if p_value >= SMALLEST_P else f"p < {SMALLEST_P:g}"
