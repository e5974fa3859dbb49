"""Decides which records a board ranks: scored here, on all images, with the published truth."""

import math

from eval.benchmarks import PROTOCOLS
from eval.results.record import ProtocolResult
from eval.results.truths import is_foreign, truth_name
from eval.scoring.directions import one_sided


def unranked_reason(record: ProtocolResult) -> str:
    """Why a board does not rank a record; "" if it ranks it."""
    if not record.is_complete:
        return f"unranked: {record.expected - record.scored:,} of its faces failed"
    if math.isnan(record.headline.headline):
        return "unranked: there is no headline, as a bin is empty"
    asked = PROTOCOLS[record.protocol].image_count if record.protocol in PROTOCOLS else 0
    if record.options.get("subset") == "all" and record.expected != asked:
        return f"unranked: it says all images and has {record.expected:,} of {asked:,}"
    if is_foreign(record):
        return (
            f"unranked: scored against another truth ({truth_name(record)}) than the published one"
        )
    if one_sided(record):
        return f"unranked: {one_sided(record)}"
    if record.provenance == "reported":
        return "unranked: reported; the board's keeper has not seen its predictions"
    return ""
