"""A scored submission as HTML. Text from others is escaped."""

import math
from html import escape

from eval.leaderboard.board import in_unit, unit_of
from eval.leaderboard.ranking import unranked_reason
from eval.results.record import ProtocolResult, Score
from space.submit.service import Scored
from space.text import sentence, shown

OUTCOMES = {
    "published": "It is on the board now: see the Leaderboard tab.",
    "waiting": "It waits for this Space's owner, who is asked before anything is published.",
    None: "It was scored only, and is not kept.",
}


def scored_card(scored: Scored) -> str:
    """Headline, place on the board, all scores, and the scorer's notes."""
    record = scored.record
    headline = record.headline
    return (
        '<section class="scored" aria-label="Result of the submission">'
        f"<h3>{escape(record.facts.method)}</h3>"
        f'<p class="figure">{shown(headline.headline, headline)}'
        f"<span>{escape(headline.label)}, {headline.aggregate.replace('_', ' ')}"
        f" · 95 % interval {_interval(headline)}</span></p>"
        f"<p>{_place(scored)} {OUTCOMES[scored.outcome]}</p>"
        f"{_table(record)}{_noted(record)}</section>"
    )


def problem_card(words: str) -> str:
    """Why nothing was scored."""
    return f'<div class="status problem" role="alert"><span>{escape(words)}</span></div>'


def _place(scored: Scored) -> str:
    if scored.place is not None:
        return f"Rank {scored.place} of {scored.ranked} measured methods."
    return escape(sentence(unranked_reason(scored.record)))


def _table(record: ProtocolResult) -> str:
    bins = record.headline.bins
    titles = "".join(f"<th>{escape(part.label)} ({part.count:,})</th>" for part in bins)
    rows = "".join(
        f'<tr><th scope="row">{escape(score.label)}, {unit_of(score)}</th>'
        + "".join(f"<td>{in_unit(part.mean, score).text}</td>" for part in score.bins)
        + f"<td>{_number(score.mean_of_bins, score)}</td>"
        f"<td>{_number(score.mean_of_images, score)}</td></tr>"
        for score in record.scores
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="All scores"><table><thead><tr>'
        f"<th>error</th>{titles}<th>mean of bins</th><th>mean of images</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _noted(record: ProtocolResult) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in record.warnings)
    return f"<p>The scorer noted:</p><ul>{items}</ul>" if items else ""


def _number(value: float, score: Score) -> str:
    return "–" if math.isnan(value) else in_unit(value, score).text


def _interval(score: Score) -> str:
    low, high = (in_unit(end, score).text for end in (score.interval.low, score.interval.high))
    return f"{low} to {high}"
