"""The details of one row of a board, as HTML. Text from others is escaped."""

import math
from collections.abc import Mapping
from html import escape

from eval.benchmarks import PROTOCOLS
from eval.leaderboard.board import BoardRow
from eval.leaderboard.papers import paper_of
from eval.results.record import ProtocolResult, Score
from eval.results.truths import truth_name
from eval.results.units import SYMBOL, shown_text
from eval.scoring.intervals import COVERAGE
from eval.scoring.robust import carriers_text, robust
from space.components import board_hint
from space.leaderboard.table import web_address
from space.text import shown, stated, with_minus

WORST_FACES = 8
LISTED_FAILURES = 12


def detail_html(row: BoardRow | None, score_label: str) -> str:
    """The details of a row; for measured rows with regions, worst faces and provenance.

    Args:
        row: None if no row is selected.
        score_label: label of the score that the table shows.
    """
    if row is None:
        return board_hint("Choose a row of the table for details.")
    if row.record is None:
        body = _quoted(row)
    else:
        score = score_of(row.record, score_label)
        body = _parts(score) + _worst(row.record, score) + _computed(row.record, score)
    return f'<section class="row-detail" aria-label="Details of a row">{_head(row)}{body}</section>'


def score_of(record: ProtocolResult, label: str) -> Score:
    """The score with this label, or the headline score."""
    return next((score for score in record.scores if score.label == label), record.headline)


def _head(row: BoardRow) -> str:
    paper = paper_of(row)
    addresses = {"paper": paper.paper, "code": paper.code} if paper else {}
    if row.link not in addresses.values():
        addresses["link"] = row.link
    links = "".join(
        f'<a href="{escape(address)}" target="_blank" rel="noopener nofollow">{word}</a>'
        for word, link in addresses.items()
        if (address := web_address(link))
    )
    badge = f'<span class="mark measured">{escape(row.kind)}</span>'
    if row.record is None:
        badge = '<span class="mark">quoted</span>'
    elif row.rank is None:
        badge += f'<span class="mark partial">{escape(row.remark)}</span>'
    return f"<header><h3>{escape(row.method)}</h3>{badge}{links}</header>"


def _quoted(row: BoardRow) -> str:
    figures = "".join(
        f"<dt>{escape(column.score)}, {escape(column.statistic)}</dt>"
        f"<dd>{escape(cell.text)} {escape(column.unit)}</dd>"
        for column, cell in row.cells.items()
    )
    facts = {"How it came about": row.kind, "Read in": row.source, "Remark": row.remark}
    return (
        '<div class="panel"><h4>What the source prints</h4>'
        f"<dl>{figures or '<dt>No figure was seen</dt><dd></dd>'}</dl></div>"
        f'<div class="panel wide"><h4>How this number was computed</h4>{_facts(facts)}'
        "<p>By its authors or by somebody else, with their own code. Nobody re-ran it here, so "
        "there are no errors of single images, no interval, and no rank.</p></div>"
    )


def _parts(score: Score) -> str:
    """Bar charts of the regions and the bins, on the same scale."""
    bins = {f"{part.label}°": part.mean for part in score.bins}
    groups = {"region": score.regions, "yaw": bins}
    values = [value for group in groups.values() for value in group.values()]
    largest = max((value for value in values if not math.isnan(value)), default=1.0)
    bars = "".join(
        f"<h4>Error by {name}, {escape(score.label)}</h4><ol>{_bars(group, score, largest)}</ol>"
        for name, group in groups.items()
        if group
    )
    return f'<div class="panel">{bars}</div>' if bars else ""


def _bars(values: Mapping[str, float], score: Score, largest: float) -> str:
    return "".join(
        f"<li><span>{escape(name)}</span>"
        f'<span class="bar"><span style="width:{_share(value, largest):.0f}%"></span></span>'
        f"<b>{shown(value, score)}</b></li>"
        for name, value in values.items()
    )


def _share(value: float, largest: float) -> float:
    return 0.0 if math.isnan(value) or not largest else 100 * value / largest


def _worst(record: ProtocolResult, score: Score) -> str:
    known = [(name, error) for name, error in score.per_image.items() if not math.isnan(error)]
    worst = sorted(known, key=lambda part: -part[1])[:WORST_FACES]
    lines = "".join(
        f"<tr><td>{escape(name)}</td><td>{shown(error, score)}</td>"
        f"<td>{_angle(score, name)}</td></tr>"
        for name, error in worst
    )
    failed = ""
    if record.failed_ids:
        names = ", ".join(escape(name) for name in record.failed_ids[:LISTED_FAILURES])
        more = len(record.failed_ids) - LISTED_FAILURES
        failed = f"<p>No answer on: {names}{f' and {more:,} more' if more > 0 else ''}.</p>"
    angle = "<th>yaw</th>" if score.angle_deg else "<th></th>"
    return (
        '<div class="panel"><h4>Worst faces</h4>'
        f"<table><thead><tr><th>id</th><th>error</th>{angle}</tr></thead>"
        f"<tbody>{lines}</tbody></table>{failed}</div>"
    )


def _angle(score: Score, name: str) -> str:
    angle = score.angle_deg.get(name)
    return "" if angle is None else with_minus(f"{angle:z.0f}°")


def _computed(record: ProtocolResult, score: Score) -> str:
    protocol, figures = PROTOCOLS.get(record.protocol), robust(score)
    facts = {
        "Formula": f"{'mean distance / ' + record.normaliser if score.unit == 'fraction' else ''}",
        "Headline": score.aggregate.replace("_", " "),
        "Alignment": record.alignment,
        "Interval": f"{100 * score.interval.level:g} %, {score.interval.method} within the bins, "
        f"{score.interval.draws:,} draws, seed {score.interval.seed}; "
        f"{COVERAGE.get(score.interval.method, '')}",
        "Median": f"{shown_text(figures.median, score.unit)}; mean without 5 % at either end "
        f"{shown_text(figures.trimmed_mean, score.unit)} {SYMBOL[score.unit]}",
        "Carried by": carriers_text(score),
        "Images": f"{record.scored:,} of {record.expected:,} scored",
        "Choices": ", ".join(f"{name}: {value}" for name, value in record.options.items()),
        "Truth": f"{record.truth_source}; {truth_name(record)}",
        "Bins": "; ".join(protocol.bins) if protocol else "",
        "Failures": _thresholds(score),
        "Boxes": record.facts.boxes,
        "Training data": record.facts.training_data,
        "Licence": record.facts.licence,
        "Submission": f"{_submission(record)}; scored {record.created} by "
        f"{_scorer(record)}, protocol version {record.protocol_version}",
    }
    warnings = "".join(f"<li>{escape(text)}</li>" for text in record.warnings)
    noted = f'<p>The scorer noted:</p><ul class="noted">{warnings}</ul>' if warnings else ""
    return (
        f'<div class="panel wide"><h4>How this number was computed</h4>{_facts(facts)}{noted}</div>'
    )


def _scorer(record: ProtocolResult) -> str:
    """The scorer's version, if it was installed."""
    bare = record.package_version == "not installed"
    return "dasl-eval's sources" if bare else f"dasl-eval {record.package_version}"


def _thresholds(score: Score) -> str:
    return "; ".join(
        f"{100 * part.failure_rate:.2f} % of the faces above {shown(part.threshold, score)} "
        f"(area under the curve {part.auc:.3f})"
        for part in score.thresholds
    )


def _facts(facts: dict[str, str]) -> str:
    rows = "".join(
        f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts.items() if stated(text)
    )
    return f"<dl>{rows}</dl>"


def _submission(record: ProtocolResult) -> str:
    """Which file was scored."""
    digest = record.submission_sha256[:12]
    return f"sha256 {digest}" if digest else "built in memory"
