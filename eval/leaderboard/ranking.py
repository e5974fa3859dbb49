"""Which records a board ranks: scored by its keeper, in full, against the published truth."""

import math

from eval.results.record import ProtocolResult
from eval.results.truths import is_foreign, truth_name
from eval.scoring.directions import one_sided


def unranked_reason(record: ProtocolResult) -> str:
    """Why a board shows a record without a rank; "" where it ranks."""
    if not record.is_complete:
        return f"unranked: {record.expected - record.scored:,} of its faces failed"
    if math.isnan(record.headline.headline):
        return "unranked: there is no headline, as a bin is empty"
    if is_foreign(record):
        return (
            f"unranked: scored against another truth ({truth_name(record)}) than the published one"
        )
    if one_sided(record):
        return f"unranked: {one_sided(record)}"
    if record.provenance == "reported":
        return "unranked: reported; whoever keeps this board has not seen its predictions"
    return ""
