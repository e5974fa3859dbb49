"""Distances from truth to prediction and back: a one-sided distance can be bought with points.

A nearest-point distance from the truth alone rewards any cloud that is dense enough: a fixed cloud
of 400,000 points scores better on Florence than a perfect mesh of usual size. The way back, from
the predicted surface to the truth, charges for what lies beside it. Both rest on the surface's
area, so vertices that carry none are charged, too.
"""

import numpy as np

from eval.results.record import ProtocolResult, Score
from eval.scoring.metrics import Float64s

# The name of the score that measures the way back ends so; the rest is the way there.
BACK = "-back"
# Of the predicted surface, the share that lies farthest away is left out: the inside of a mouth,
# a neck and eyeballs have no counterpart on a scan.
LEFT_OUT = 0.1
# An image differs where the way back is more than this many times the way there, beyond this much.
MOST_TIMES, PLAY = 1.5, 0.005
# A result is not ranked where more than this share of its images differ.
MOST_IMAGES = 0.2


def way_back(distances: Float64s) -> float:
    """Mean distance of points of the predicted surface from the truth, the farthest left out.

    Args:
        distances: (S,), S >= 1.

    Example:
        >>> way_back(np.array([1.0] * 9 + [100.0]))
        1.0
    """
    kept = max(1, round((1.0 - LEFT_OUT) * len(distances)))
    return float(np.sort(distances)[:kept].mean())


def counted_back(there: float, back: float, spread: float) -> float:
    """The way back, or the way there to points spread over the surface, where that is much longer.

    It is where the way there was made small by vertices that carry hardly any surface: the way
    back does not see them.

    Args:
        there: distance from the truth to the prediction, over the normaliser.
        back: `way_back`, over the normaliser.
        spread: distance from the truth to points spread evenly over the predicted surface, over
            the normaliser; their spacing adds less than `PLAY`.

    Example:
        >>> counted_back(0.01, 0.02, 0.011), counted_back(0.01, 0.02, 0.04)
        (0.02, 0.04)
    """
    return max(back, spread) if spread > MOST_TIMES * there + PLAY else back


def differing_share(there: Score, back: Score) -> float:
    """Share of the scored images on which the way back is much longer than the way there."""
    pairs = np.array([[there.per_image[name], back.per_image[name]] for name in there.per_image])
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    if not len(pairs):
        return 0.0
    return float((pairs[:, 1] > MOST_TIMES * pairs[:, 0] + PLAY).mean())


def one_sided(result: ProtocolResult) -> str:
    """What a person should know where the two ways differ; "" where they agree or there is one.

    Args:
        result: of any protocol.
    """
    for back in result.scores:
        there = result.score(back.name.removesuffix(BACK))
        if not back.name.endswith(BACK) or there is None:
            continue
        share = differing_share(there, back)
        if share > MOST_IMAGES:
            return (
                f"on {100 * share:.0f} % of the images the predicted surface lies much farther "
                "from the truth than the truth from it: points beside the face make the distance "
                "small"
            )
    return ""
