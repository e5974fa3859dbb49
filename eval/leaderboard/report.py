"""Results, comparisons and boards as text for the terminal."""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

from eval.benchmarks import PROTOCOLS
from eval.benchmarks.protocol import Protocol
from eval.leaderboard.board import (
    MEAN_OF_BINS,
    MEAN_OF_IMAGES,
    BoardRow,
    Column,
    columns_of,
    in_unit,
)
from eval.leaderboard.board_text import Block, Notes, blocks_of, unit_text
from eval.results.record import ProtocolResult, Score, Unit
from eval.results.truths import truth_words
from eval.results.units import SYMBOL, shown_text
from eval.scoring.comparison import Comparison, Difference, Side
from eval.scoring.directions import one_sided
from eval.scoring.intervals import COVERAGE
from eval.scoring.robust import carriers_text, robust
from eval.untrusted.text import listed, printable

NO_RESULTS = "no results yet; add one with python -m eval score ... --json FILE\n"
SHORT = {MEAN_OF_BINS: "bins", MEAN_OF_IMAGES: "images"}
LONGEST_TEXT = 44
CAUTION = (
    "Intervals cover image sampling, not variation between training runs. "
    "In simulation they cover 95 %; 88 % where one image carries the difference."
)
SMALLEST_P = 1e-99


def result_text(result: ProtocolResult) -> str:
    """One result as a short report."""
    lines = [
        f"{result.protocol} (protocol version {result.protocol_version})",
        f"method      {result.facts.method}",
        f"faces       {result.scored:,} of {result.expected:,} scored, "
        f"coverage {100 * result.scored / result.expected:.1f} %",
    ]
    if not result.is_complete:
        shown_ids = ", ".join(result.failed_ids[:5])
        more = ", ..." if len(result.failed_ids) > 5 else ""
        lines.append(
            f"failed      {shown_ids}{more}; means are over the scored faces, boards do not rank it"
        )
    lines += [
        f"truth       {result.truth_source}{truth_words(result)}",
        *(f"{name:11} {value}" for name, value in result.options.items() if name != "normaliser"),
        f"normaliser  {result.normaliser}",
        "",
    ]
    for rows in (_score_rows(result), _robust_rows(result)):
        lines += [*_aligned(rows), ""]
    lines += [*_interval_words(result), ""]
    for rows in (_threshold_rows(result), _region_rows(result)):
        lines += [*_aligned(rows), ""] if len(rows) > 1 else []
    warnings = (*result.warnings, *filter(None, [one_sided(result)]))
    lines += [f"warning: {text}" for text in warnings]
    return "\n".join(lines).rstrip() + "\n"


def table_text(boards: Mapping[str, Sequence[BoardRow]]) -> str:
    """Boards by name, each with its measured rows, its quoted rows, and its notes.

    Of secondary scores only the means are shown; `eval export` gives all figures.
    """
    if not any(boards.values()):
        return NO_RESULTS
    return "\n\n".join(_board_text(name, rows) for name, rows in boards.items() if rows) + "\n"


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
        lines += ["", *_comparison_lines(part)]
    return "\n".join([*lines, "", CAUTION]) + "\n"


def verdict(comparison: Comparison) -> str:
    """One sentence: which method is better, and whether the difference is significant."""
    better, gap = comparison.better, comparison.difference.mean
    if math.isnan(gap):
        return f"no {comparison.difference.label}: in some bin no image was scored by both"
    if comparison.withheld:
        return f"no verdict: {comparison.withheld}"
    if better is None:
        return f"A and B have the same {comparison.difference.label}"
    name = "A" if better is comparison.first else "B"
    size, unit = shown_text(abs(gap), comparison.unit), _unit_words(comparison.unit)
    interval = comparison.difference.interval
    zero = (
        f"{100 * interval.level:g} % interval {'ex' if comparison.excludes_zero else 'in'}cludes 0"
    )
    tests = f"the {zero}, permutation test {_p_words(comparison.mean_p_value)}"
    if comparison.is_significant:
        return f"{name} is better by {size} {unit}: {tests}"
    return f"no significant difference: {name} is ahead by {size} {unit}; {tests}"


def protocol_text(protocols: Iterable[Protocol]) -> str:
    """All choices of all protocols, one per line."""
    blocks = []
    for protocol in protocols:
        rows = []
        for field in dataclasses.fields(protocol):
            value = getattr(protocol, field.name)
            items = list(value) if isinstance(value, tuple) else [str(value)]
            rows += [[field.name if n == 0 else "", item] for n, item in enumerate(items or ["-"])]
        blocks.append("\n".join(_aligned(rows)))
    return "\n\n".join(blocks) + "\n"


def shown(value: float, score: Score) -> str:
    """An error in its score's unit, "-" if there is none."""
    return in_unit(value, score).text


def _interval(score: Score) -> str:
    return f"[{shown(score.interval.low, score)}, {shown(score.interval.high, score)}]"


def _score_rows(result: ProtocolResult) -> list[list[str]]:
    """Header and one row per score."""
    labels = [f"{part.label} ({part.count})" for part in result.headline.bins]
    rows = [["error", *labels, "mean of bins", "std of bins", "mean of images", "95 % of headline"]]
    for score in result.scores:
        values = [part.mean for part in score.bins] or [math.nan] * len(labels)
        values += [score.mean_of_bins, score.std_of_bins, score.mean_of_images]
        cells = [shown(value, score) for value in values]
        rows.append([f"{score.label}, {SYMBOL[score.unit]}", *cells, _interval(score)])
    return rows


def _robust_rows(result: ProtocolResult) -> list[list[str]]:
    """Header and one row per score: statistics robust to outliers, in the headline's aggregate."""
    rows = [["robust", "median", "trimmed mean (5 % at either end)"]]
    for score in result.scores:
        figures = robust(score)
        cells = [shown(value, score) for value in (figures.median, figures.trimmed_mean)]
        rows.append([f"{score.label}, {SYMBOL[score.unit]}", *cells])
    return rows


def _interval_words(result: ProtocolResult) -> list[str]:
    """How the headline's interval was drawn, and which images dominate the headline."""
    method, carriers = result.headline.interval.method, carriers_text(result.headline)
    lines = [f"interval    {method}: {COVERAGE.get(method, 'coverage unknown')}"]
    return [*lines, f"carried by  {carriers}"] if carriers else lines


def _threshold_rows(result: ProtocolResult) -> list[list[str]]:
    """Header and one row per score: failure rate and area under the curve."""
    limits = [part.threshold for part in result.headline.thresholds]
    head = ["thresholds"]
    for limit in limits:
        text = shown(limit, result.headline).rstrip("0").rstrip(".")
        head += [f"failures > {text}", f"AUC {text}"]
    rows = [head]
    for score in result.scores:
        if [part.threshold for part in score.thresholds] == limits and limits:
            parts = score.thresholds
            cells = [c for p in parts for c in (f"{100 * p.failure_rate:.2f} %", f"{p.auc:.3f}")]
            rows.append([score.label, *cells])
    return rows


def _region_rows(result: ProtocolResult) -> list[list[str]]:
    """Header and one row per score: the regions' errors."""
    names = list(result.headline.regions)
    rows = [["regions", *names]]
    for score in result.scores:
        if names and list(score.regions) == names:
            cells = [shown(value, score) for value in score.regions.values()]
            rows.append([score.label, *cells])
    return rows


def _board_text(name: str, rows: Sequence[BoardRow]) -> str:
    notes = Notes()
    lines = [f"{name}: errors in {unit_text(rows)}, lower is better"]
    if name in PROTOCOLS and PROTOCOLS[name].caution:
        lines.append(f"note: {PROTOCOLS[name].caution}")
    for block in blocks_of(rows, _columns_for_a_terminal(rows), notes):
        lines += ["", block.heading, *_aligned(_block_rows(block))]
    return "\n".join([*lines, "", *(f"{mark:>5} {text}" for mark, text in notes.entries())])


def _columns_for_a_terminal(rows: Sequence[BoardRow]) -> list[Column]:
    """All of the first score, the means of the others."""
    columns = columns_of(rows)
    means = (MEAN_OF_BINS, MEAN_OF_IMAGES)
    return [c for c in columns if c.score == columns[0].score or c.statistic in means]


def _block_rows(block: Block) -> list[list[str]]:
    """Two lines of titles, scores above statistics, then the rows."""
    before, after = [""] * len(block.before), [""] * len(block.after)
    scores = [score for score, _ in block.figures]
    above = [s if n == 0 or scores[n - 1] != s else "" for n, s in enumerate(scores)]
    statistics = [SHORT.get(statistic, statistic) for _, statistic in block.figures]
    rows = [[*before, *above, *after], [*block.before, *statistics, *block.after]]
    for line in block.lines:
        about = [printable(text, LONGEST_TEXT) for text in line.before]
        rows.append([*about, *line.figures, *line.after])
    return rows


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of text with columns of equal width."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return [line.rstrip() for line in padded]


def _left_out(comparison: Comparison) -> list[str]:
    """How many images were left out, and which method failed on them."""
    count = comparison.expected - comparison.compared
    if not count:
        return []
    causes = [
        f"{name} failed on {len(side.failed_ids):,} ({listed(list(side.failed_ids))})"
        for name, side in (("A", comparison.first), ("B", comparison.second))
        if side.failed_ids
    ]
    return [f"left out  {count:,} images: {'; '.join([*causes]) or 'in no bin'}"]


def _comparison_lines(comparison: Comparison) -> list[str]:
    rows = [comparison.difference, *comparison.bins]
    width = max(len(row.label) for row in rows)
    return [
        f"{comparison.label}, B - A in {_unit_words(comparison.unit)}, "
        f"95 % interval of {comparison.difference.interval.draws:,} paired bootstrap-t draws",
        *(_difference_row(row, width, comparison.unit) for row in rows),
        f"  {comparison.difference.label}: {_side_words('A', comparison.first, comparison.unit)}, "
        f"{_side_words('B', comparison.second, comparison.unit)}",
        *_failure_lines(comparison),
        f"  permutation test of the mean: {_p_words(comparison.mean_p_value)}",
        f"  sign test, of wins and not of the mean: A has the smaller error on "
        f"{comparison.first.won:,} images, B on {comparison.second.won:,}, equal on "
        f"{comparison.ties:,}; {_p_words(comparison.sign_p_value)}",
        f"  {verdict(comparison)}",
    ]


def _failure_lines(comparison: Comparison) -> list[str]:
    """The second figure, if either method failed on an image."""
    if not comparison.failed:
        return []
    part = comparison.with_failures
    words = _difference_row(part, len(part.label), comparison.unit).strip()
    return [f"  failures as the worst error: {words}"]


def _difference_row(part: Difference, width: int, unit: Unit) -> str:
    mean, low, high = (
        "-" if math.isnan(value) else f"{'+' if value >= 0 else '-'}{shown_text(abs(value), unit)}"
        for value in (part.mean, part.interval.low, part.interval.high)
    )
    return f"  {part.label:<{width}}  {part.count:>6,} images  {mean:>7}  [{low}, {high}]"


def _side_words(name: str, side: Side, unit: Unit) -> str:
    if math.isnan(side.headline):
        return f"{name} -"
    return f"{name} {shown_text(side.headline, unit)} {SYMBOL[unit]}"


def _unit_words(unit: Unit) -> str:
    return "percentage points" if unit == "fraction" else "degrees"


def _p_words(p_value: float) -> str:
    if math.isnan(p_value):
        return "no p value"
    return f"p = {p_value:.2g}" if p_value >= SMALLEST_P else f"p < {SMALLEST_P:g}"
