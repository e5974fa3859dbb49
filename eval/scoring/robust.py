"""Robust statistics beside the mean, and the few images that dominate the mean."""

import math
from dataclasses import dataclass

import numpy as np

from eval.results.record import Score
from eval.results.units import SYMBOL, shown_text
from eval.scoring.metrics import Float64s
from eval.untrusted.text import listed

# Share of the images that the trimmed mean leaves out at either end of a bin.
TRIMMED = 0.05
# Few images dominate the mean if this share of the images holds this share of its variance.
FEW, MUCH = 0.002, 0.5


@dataclass(frozen=True)
class Robust:
    """Robust statistics of one score, aggregated as its headline; NaN if a bin is empty.

    Attributes:
        median: the median; with bins, the mean of the bins' medians.
        trimmed_mean: the same for the mean without the smallest and largest 5 %.
        carriers: ids of the few images that hold half of the headline's variance, the worst first;
            empty if no few images do.
        without: the headline without these images.
    """

    median: float
    trimmed_mean: float
    carriers: tuple[str, ...]
    without: float


def robust(score: Score) -> Robust:
    """The robust figures of a score, from its per-image errors.

    Example:
        >>> robust(record.headline).trimmed_mean  # doctest: +SKIP
        0.0349
    """
    ids, bins = _bins(score)
    if not bins or not all(len(part) for part in bins):
        return Robust(math.nan, math.nan, (), math.nan)
    means = [part.mean() for part in bins]
    shares = np.concatenate(
        [(part - mean) ** 2 / len(part) ** 2 for part, mean in zip(bins, means, strict=True)]
    )
    carriers = _carriers(shares)
    kept = np.ones(len(shares), dtype=np.bool_)
    kept[carriers] = False
    edges = np.cumsum([len(part) for part in bins])[:-1]
    rest = [part[inside] for part, inside in zip(bins, np.split(kept, edges), strict=True)]
    return Robust(
        median=float(np.mean([np.median(part) for part in bins])),
        trimmed_mean=float(np.mean([_trimmed_mean(part) for part in bins])),
        carriers=tuple(ids[row] for row in carriers),
        without=float(np.mean([part.mean() if len(part) else math.nan for part in rest])),
    )


def carriers_text(score: Score) -> str:
    """Names the few images that hold half of the mean's variance; "" if there are none."""
    figures = robust(score)
    if not figures.carriers:
        return ""
    count = len(figures.carriers)
    who = "1 image holds" if count == 1 else f"{count} images hold"
    return (
        f"{who} half of the variance of the mean ({listed(list(figures.carriers))}); without "
        f"{'it' if count == 1 else 'them'}: {shown_text(figures.without, score.unit)} "
        f"{SYMBOL[score.unit]}"
    )


def _bins(score: Score) -> tuple[list[str], list[Float64s]]:
    """Ids and errors of the scored images by bin; one bin for a score without bins."""
    labels = [part.label for part in score.bins] or [""]
    ids: list[str] = []
    bins = []
    for label in labels:
        inside = [
            name
            for name, error in score.per_image.items()
            if not math.isnan(error) and score.bin_of.get(name, "") == label
        ]
        ids += inside
        bins.append(np.array([score.per_image[name] for name in inside], dtype=np.float64))
    return ids, bins


def _carriers(shares: Float64s) -> list[int]:
    """Rows of the few images that hold much of the variance, the largest first."""
    if shares.sum() <= 0:
        return []
    order = np.argsort(-shares, kind="stable")
    held = np.cumsum(shares[order]) / shares.sum()
    count = int(np.searchsorted(held, MUCH)) + 1
    return order[:count].tolist() if count <= max(1.0, FEW * len(shares)) else []


def _trimmed_mean(values: Float64s) -> float:
    """Mean without the share `TRIMMED` at either end, rounded down to whole images."""
    out = int(TRIMMED * len(values))
    return float(np.sort(values)[out : len(values) - out].mean())
