"""Describes the image-by-image comparison of two measured methods."""

import math
from html import escape

from eval.errors import ComparisonError
from eval.leaderboard.report import CAUTION
from eval.leaderboard.storage import record_name
from eval.results.record import ProtocolResult
from eval.scoring.comparison import Comparison, Difference, compare
from space.components import board_hint
from space.leaderboard.cache import RecordCache
from space.leaderboard.detail import score_of
from space.text import sentence


def comparison_words(
    first: ProtocolResult | None, second: ProtocolResult | None, label: str
) -> str:
    """The verdict with its evidence, or why there is none.

    Args:
        first: record of the first method.
        second: record of the second method.
        label: label of the score to compare.
    """
    if first is None or second is None:
        return board_hint("Choose two measured methods.")
    if record_name(first) == record_name(second):
        return board_hint("Choose two different methods.")
    try:
        comparisons = _compared((first, second), "")
    except ComparisonError as error:
        return board_hint(sentence(str(error)))
    name = score_of(first, label).name
    chosen = next((part for part in comparisons if part.score == name), comparisons[0])
    return comparison_html(chosen)


_compared: RecordCache[tuple[Comparison, ...]] = RecordCache(lambda pair, _: compare(*pair))
"""The comparisons of a pair in all scores."""


def comparison_html(part: Comparison) -> str:
    """One score's comparison."""
    rows = "".join(_row(difference, part) for difference in (part.difference, *part.bins))
    return (
        '<section class="comparison" aria-label="Comparison of two methods">'
        f'<p class="verdict">{verdict(part)}</p>'
        f"<table><thead><tr><th>{escape(part.label)}</th><th>images</th>"
        f"<th>B − A, {_unit(part)}</th><th>95 % interval</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        f"<p>{_headlines(part)} {_wins(part)}</p><p>{escape(CAUTION)}</p></section>"
    )


def _headlines(part: Comparison) -> str:
    first, second = (
        f"{_size(side.headline, part)} {_short_unit(part)}" for side in (part.first, part.second)
    )
    count = part.expected - part.compared
    left_out = f" {count:,} of {part.expected:,} were not answered by both." if count else ""
    if part.failed:
        left_out += (
            f" With failures as the worst error, B − A is {_signed(part.with_failures.mean, part)} "
            f"{_unit(part)}."
        )
    return (
        f"On the {part.compared:,} images that both answered, A has {first}, B {second}.{left_out}"
    )


def _wins(part: Comparison) -> str:
    equal = f", {part.ties:,} are equal" if part.ties else ""
    return (
        f"A has the smaller error on {part.first.won:,} images, B on {part.second.won:,}{equal} "
        f"(sign test, {_p(part.sign_p_value)}; it tests wins, not the mean)."
    )


def verdict(part: Comparison) -> str:
    """Which method is better, and whether significantly so, in one sentence of HTML."""
    better, gap = part.better, part.difference.mean
    if math.isnan(gap):
        return "There is no headline: in some bin no image was answered by both."
    if part.withheld:
        return f"No verdict: {escape(part.withheld)}."
    if better is None:
        return "Both have the same error on these images."
    worse = part.second if better is part.first else part.first
    names = f"<b>{escape(better.method)}</b>", f"<b>{escape(worse.method)}</b>"
    low, high = sorted(
        abs(end) for end in (part.difference.interval.low, part.difference.interval.high)
    )
    if not part.is_significant:
        return (
            f"No significant difference: {names[0]} is ahead of {names[1]} by "
            f"{_size(abs(gap), part)} {_unit(part)} (permutation test, {_p(part.mean_p_value)})."
        )
    return (
        f"{names[0]} is better than {names[1]} by {_size(abs(gap), part)} {_unit(part)} "
        f"(95 % interval {_size(low, part)} to {_size(high, part)}; permutation test, "
        f"{_p(part.mean_p_value)}): statistically significant."
    )


def _row(difference: Difference, part: Comparison) -> str:
    low, high = difference.interval.low, difference.interval.high
    interval = f"{_signed(low, part)} to {_signed(high, part)}"
    clear = low > 0 or high < 0
    return (
        f'<tr{" class=clear" if clear else ""}><th scope="row">{escape(difference.label)}</th>'
        f"<td>{difference.count:,}</td><td>{_signed(difference.mean, part)}</td>"
        f"<td>{'–' if math.isnan(low) else interval}</td></tr>"
    )


def _signed(value: float, part: Comparison) -> str:
    if math.isnan(value):
        return "–"
    return f"{'+' if value >= 0 else '−'}{_size(abs(value), part)}"


def _size(value: float, part: Comparison) -> str:
    return f"{100 * value:.3f}" if part.unit == "fraction" else f"{value:.2f}"


def _unit(part: Comparison) -> str:
    return "percentage points" if part.unit == "fraction" else "degrees"


def _short_unit(part: Comparison) -> str:
    return "%" if part.unit == "fraction" else "degrees"


def _p(value: float) -> str:
    return f"p = {value:.2g}" if value >= 1e-99 else "p &lt; 1e-99"
