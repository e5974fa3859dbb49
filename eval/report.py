"""Results as text for the terminal: the only place of percent and rounding."""

import dataclasses
import math
from collections.abc import Iterable, Sequence

from eval.protocols.protocol import Protocol
from eval.results import ProtocolResult, Score


def percent(fraction: float) -> str:
    """A fraction in percent with three decimals, or a dash for NaN."""
    return "-" if math.isnan(fraction) else f"{100 * fraction:.3f}"


def result_text(result: ProtocolResult) -> str:
    """One result as a short report, NME in percent."""
    lines = [
        f"{result.protocol} (protocol version {result.protocol_version})",
        f"method      {result.method}",
        f"faces       {result.scored:,} of {result.expected:,} scored, "
        f"coverage {100 * result.scored / result.expected:.1f} %",
    ]
    if not result.is_ranked:
        shown = ", ".join(result.failed_ids[:5]) + (", ..." if len(result.failed_ids) > 5 else "")
        lines.append(f"failed      {shown}; means are over the scored faces, boards do not rank it")
    lines += [
        f"truth       {result.landmark_source}",
        f"yaw         {result.yaw_source}",
        f"normaliser  {result.normaliser}",
        "",
    ]
    lines += _aligned(_score_rows(result))
    lines += [""]
    lines += _aligned(_region_rows(result))
    lines += ["", *(f"warning: {text}" for text in result.warnings)]
    return "\n".join(lines).rstrip() + "\n"


def table_text(records: Sequence[ProtocolResult]) -> str:
    """A table for each protocol, best mean of bins first; partial coverage stays unranked."""
    if not records:
        return "no records yet; add one with python -m eval score ... --json FILE\n"
    blocks = []
    for protocol in sorted({record.protocol for record in records}):
        rows = sorted(
            (record for record in records if record.protocol == protocol),
            key=lambda r: (not r.is_ranked, r.score_2d.mean_of_bins, r.method),
        )
        body = [_table_row(str(n) if r.is_ranked else "-", r) for n, r in enumerate(rows, 1)]
        head = ["rank", "method", "mean of bins", "95 %", "0-30", "30-60", "60-90"]
        head += ["mean of images", "3D mean of bins", "faces", "origin"]
        blocks.append("\n".join([f"{protocol}, NME in percent", *_aligned([head, *body])]))
    return "\n\n".join(blocks) + "\n"


def protocol_text(protocols: Iterable[Protocol]) -> str:
    """Every choice of every protocol, one to a line."""
    blocks = []
    for protocol in protocols:
        rows = []
        for field in dataclasses.fields(protocol):
            value = getattr(protocol, field.name)
            items = list(value) if isinstance(value, tuple) else [str(value)]
            rows += [[field.name if n == 0 else "", item] for n, item in enumerate(items or ["-"])]
        blocks.append("\n".join(_aligned(rows)))
    return "\n\n".join(blocks) + "\n"


def _interval(score: Score) -> str:
    return f"[{percent(score.interval.low)}, {percent(score.interval.high)}]"


def _scores(result: ProtocolResult) -> list[tuple[str, Score]]:
    """The scores with their names."""
    named = [("2D", result.score_2d)]
    if result.score_3d is not None:
        named.append((f"3D, z {result.score_3d.z_rule}", result.score_3d))
    return named


def _score_rows(result: ProtocolResult) -> list[list[str]]:
    """Head and one row a score."""
    labels = [f"{part.label} ({part.count})" for part in result.score_2d.bins]
    failures = f"failures > {100 * result.score_2d.failure_threshold:.0f} %"
    rows = [["NME, %", *labels, "mean of bins", "95 %", "std of bins", "mean of images", failures]]
    for name, score in _scores(result):
        row = [name, *(percent(part.mean) for part in score.bins), percent(score.mean_of_bins)]
        row += [_interval(score), percent(score.std_of_bins), percent(score.mean_of_images)]
        rows.append([*row, f"{100 * score.failure_rate:.2f} %"])
    return rows


def _region_rows(result: ProtocolResult) -> list[list[str]]:
    """Head and one row a score: the regions' mean of bins."""
    rows = [["regions, %", *result.score_2d.regions]]
    for name, score in _scores(result):
        rows.append([name, *(percent(value) for value in score.regions.values())])
    return rows


def _table_row(rank: str, result: ProtocolResult) -> list[str]:
    """One record's cells."""
    score, depth = result.score_2d, result.score_3d
    cells = [rank, result.method, percent(score.mean_of_bins), _interval(score)]
    cells += [*(percent(part.mean) for part in score.bins), percent(score.mean_of_images)]
    cells.append(f"{percent(depth.mean_of_bins)} (z {depth.z_rule})" if depth else "-")
    return [*cells, f"{result.scored}/{result.expected}", "measured"]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of text with columns of equal width."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return [line.rstrip() for line in padded]
