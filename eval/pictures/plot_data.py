"""The plots' data as pandas frames in percent or degrees, one row per point of a curve."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from eval.errors import PictureError
from eval.results.record import ProtocolResult, Score
from eval.results.units import FACTOR, SYMBOL
from eval.scoring import metrics
from eval.scoring.metrics import Float64s
from eval.scoring.summary import LEVEL
from eval.scoring.terms import refuse_different_terms
from eval.untrusted.text import printable

# The rolling mean takes the images within this angle of each point of the curve.
WINDOW_DEG = 10.0
PLACES_DEG = np.arange(-90.0, 91.0, 5.0)
FEWEST_IMAGES = 10  # in a window; with fewer there is no mean
DRAWS, SEED = 1_000, 0
LAST_SHARE = 95.0  # percentile at which a CED curve ends if the protocol has no threshold
LONGEST_NAME = 60


def chosen_scores(results: Sequence[ProtocolResult], score: str | None) -> dict[str, Score]:
    """The score to plot of each result, by its method's name.

    Args:
        results: at least one, all of one protocol and its options.
        score: short name; None takes the headline's.

    Returns:
        In the order of the results; a repeated name gets a number.

    Raises:
        ComparisonError: the results do not compare.
        PictureError: a result has no such score.
    """
    refuse_different_terms(results)
    chosen: dict[str, Score] = {}
    for result in results:
        chosen_score = result.headline if score is None else result.score(score)
        if chosen_score is None:
            names = ", ".join(part.name for part in result.scores)
            raise PictureError(f"no score {score} of {result.protocol}, it has {names}; name one")
        name = plain = printable(result.facts.method, LONGEST_NAME)
        count = 1
        while name in chosen:
            count += 1
            name = f"{plain} ({count})"
        chosen[name] = chosen_score
    return chosen


def ced_frame(results: Sequence[ProtocolResult], score: str | None = None) -> pd.DataFrame:
    """Cumulative error distributions: the share of all faces within each error.

    Failed faces are never within, so a curve may end below 100.

    Args:
        results: see ``chosen_scores``.
        score: see ``chosen_scores``.

    Returns:
        Columns method, error, share (percent of all faces), unit ("%" or "deg"); a method's errors
        ascend from 0 to the largest threshold of the protocol.

    Raises:
        ComparisonError: the results do not compare.
        PictureError: a result has no such score.
    """
    chosen = chosen_scores(results, score)
    end = _end_of_curve(list(chosen.values()))
    parts = []
    for name, chosen_score in chosen.items():
        errors = _values(chosen_score)
        within = np.sort(errors[errors <= end])
        counts = np.arange(1, len(within) + 1)
        share = 100.0 * np.concatenate([[0], counts, [len(within)]]) / len(errors)
        parts.append(
            _part(name, chosen_score, error=np.concatenate([[0.0], within, [end]]), share=share)
        )
    return pd.concat(parts, ignore_index=True)


def yaw_frame(results: Sequence[ProtocolResult], score: str | None = None) -> pd.DataFrame:
    """Mean error by the bins' angle, with 95 % intervals.

    A rolling mean if the images' angles are known, else the mean of each bin. Angles are wrapped
    to -180..180; images beyond 90 degrees by more than the window are in no mean.

    Args:
        results: see ``chosen_scores``.
        score: see ``chosen_scores``.

    Returns:
        Columns method, bin ("" in a rolling mean), angle_deg (NaN for a bin), count, mean, low,
        high, unit. Percentile bootstrap intervals over the images of each point: they cover about
        91 to 94 %, and less if one image dominates a point.

    Raises:
        ComparisonError: the results do not compare.
        PictureError: a result has no such score, or the score has no bins.
    """
    chosen = chosen_scores(results, score)
    if not all(chosen_score.bins for chosen_score in chosen.values()):
        raise PictureError(
            f"{results[0].protocol} has no yaw plot for this score; plot ced instead"
        )
    rolling = all(chosen_score.angle_deg for chosen_score in chosen.values())
    parts = []
    for name, chosen_score in chosen.items():
        rows = _rolling_rows(chosen_score) if rolling else _bin_rows(chosen_score)
        if not rows:
            raise PictureError(f"{name} has too few faces for an error by angle; plot ced instead")
        columns = ("bin", "angle_deg", "count", "mean", "low", "high")
        parts.append(
            _part(name, chosen_score, **dict(zip(columns, zip(*rows, strict=True), strict=True)))
        )
    return pd.concat(parts, ignore_index=True)


def regions_frame(results: Sequence[ProtocolResult], score: str | None = None) -> pd.DataFrame:
    """Mean error of each region, averaged as the headline.

    Args:
        results: see ``chosen_scores``.
        score: see ``chosen_scores``.

    Returns:
        Columns method, region, mean, unit.

    Raises:
        ComparisonError: the results do not compare.
        PictureError: a result has no such score, or the score has no regions.
    """
    chosen = chosen_scores(results, score)
    if not all(chosen_score.regions for chosen_score in chosen.values()):
        raise PictureError(f"{results[0].protocol} has no regions in this score; plot ced instead")
    parts = [
        _part(
            name,
            chosen_score,
            region=list(chosen_score.regions),
            mean=np.array(list(chosen_score.regions.values())) * FACTOR[chosen_score.unit],
        )
        for name, chosen_score in chosen.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _part(name: str, score: Score, **columns: object) -> pd.DataFrame:
    """One method's rows."""
    return pd.DataFrame({"method": name, **columns, "unit": SYMBOL[score.unit]})


def _values(score: Score) -> Float64s:
    """(N,) errors in percent or degrees, NaN for failed faces."""
    return np.array(list(score.per_image.values()), dtype=np.float64) * FACTOR[score.unit]


def _end_of_curve(scores: Sequence[Score]) -> float:
    """The largest threshold; without one, the largest of the methods' LAST_SHARE percentiles."""
    limits = [part.threshold * FACTOR[score.unit] for score in scores for part in score.thresholds]
    if limits:
        return max(limits)
    return max(float(np.nanpercentile(_values(score), LAST_SHARE)) for score in scores)


def _rolling_rows(score: Score) -> list[tuple[object, ...]]:
    values = _values(score)
    angles = np.array([score.angle_deg.get(name, math.nan) for name in score.per_image])
    wrapped = (angles + 180.0) % 360.0 - 180.0
    rows: list[tuple[object, ...]] = []
    for place in PLACES_DEG.tolist():
        near = values[(np.abs(wrapped - place) <= WINDOW_DEG) & np.isfinite(values)]
        if len(near) >= FEWEST_IMAGES:
            rows.append(("", place, len(near), *_mean_and_interval(near)))
    return rows


def _bin_rows(score: Score) -> list[tuple[object, ...]]:
    values = _values(score)
    labels = np.array([score.bin_of.get(name, "") for name in score.per_image])
    rows: list[tuple[object, ...]] = []
    for part in score.bins:
        inside = values[(labels == part.label) & np.isfinite(values)]
        if len(inside):
            rows.append((part.label, math.nan, len(inside), *_mean_and_interval(inside)))
    return rows


def _mean_and_interval(values: Float64s) -> tuple[float, float, float]:
    everyone = [np.arange(len(values), dtype=np.int64)]
    draws = metrics.bootstrap_means(values, everyone, draws=DRAWS, seed=SEED)
    return (float(values.mean()), *metrics.percentile_interval(draws, LEVEL))
