"""Distances in both directions, from truth to prediction and from prediction to truth.

The nearest-point distance from truth to prediction alone rewards any dense cloud: a fixed cloud of
400,000 points scores better on Florence than a perfect mesh of usual size. The reverse distance
penalises surface that lies off the truth. Samples follow the surface's area, so vertices without
area gain nothing.
"""

import numpy as np

from eval.results.record import ProtocolResult, Score
from eval.scoring.metrics import Float64s

# Suffix of the score from prediction to truth; the rest is the name of the opposite direction.
BACK = "-back"
# The farthest share of the predicted surface is left out: the inside of the mouth, the neck and
# the eyeballs have no counterpart on a scan.
LEFT_OUT = 0.1
# An image is one-sided if the reverse distance exceeds this multiple of the forward one plus this.
MOST_TIMES, PLAY = 1.5, 0.005
# A result is not ranked if more than this share of its images is one-sided.
MOST_IMAGES = 0.2


def way_back(distances: Float64s) -> float:
    """Mean distance from prediction to truth, without the farthest points.

    Args:
        distances: (S,) of points of the predicted surface from the truth, S >= 1.

    Example:
        >>> way_back(np.array([1.0] * 9 + [100.0]))
        1.0
    """
    kept = max(1, round((1.0 - LEFT_OUT) * len(distances)))
    return float(np.sort(distances)[:kept].mean())


def counted_back(there: float, back: float, spread: float) -> float:
    """The reverse distance, corrected if the forward distance relies on vertices without surface.

    Such vertices make `there` small, and `back` does not include them. If `spread` is much larger
    than `there`, the result is the larger of `back` and `spread`.

    Args:
        there: distance from truth to prediction, divided by the normaliser.
        back: `way_back`, divided by the normaliser.
        spread: distance from the truth to points spread evenly over the predicted surface, divided
            by the normaliser; their spacing adds less than `PLAY`.

    Example:
        >>> counted_back(0.01, 0.02, 0.011), counted_back(0.01, 0.02, 0.04)
        (0.02, 0.04)
    """
    return max(back, spread) if spread > MOST_TIMES * there + PLAY else back


def differing_share(there: Score, back: Score) -> float:
    """Share of the scored images whose reverse distance is much larger than the forward one."""
    pairs = np.array([[there.per_image[name], back.per_image[name]] for name in there.per_image])
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    if not len(pairs):
        return 0.0
    return float((pairs[:, 1] > MOST_TIMES * pairs[:, 0] + PLAY).mean())


def one_sided(result: ProtocolResult) -> str:
    """A warning if the two directions differ much; "" if they agree or there is only one.

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
                f"on {100 * share:.0f} % of the images the distance from prediction to truth is "
                "much larger than from truth to prediction: surface off the face makes the "
                "latter small"
            )
    return ""
