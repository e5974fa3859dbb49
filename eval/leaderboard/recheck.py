"""Checks that a record's figures follow from its per-image errors."""

import math
from dataclasses import replace

import numpy as np

from eval.errors import RecordError
from eval.leaderboard.differences import differences
from eval.results.record import ProtocolResult, Score
from eval.scoring.comparison import groups_of
from eval.scoring.metrics import Float64s
from eval.scoring.summary import Bootstrap, Errors, Groups, strata_of, summarise
from eval.submissions.landmarks68 import LANDMARK_COUNT, REGIONS

# These do not follow from per-image errors; `eval verify` recomputes them from the predictions.
NOT_FROM_IMAGES = ("interval", "regions", "per_point")
# An interval narrower than this share of the normal one cannot come from these errors.
NARROWEST = 0.25
NORMAL_HALF_WIDTH = 1.96
# A bin with fewer images may leave a score without an interval.
FEW_IMAGES = 10
ADVICE = "the record was edited or is damaged; score the submission again"


def refuse_edited(result: ProtocolResult) -> None:
    """Recompute every aggregate from the per-image errors, and refuse a record that differs.

    The interval is checked against its standard error, since drawing it again is too slow for a
    board. Points and regions are checked against each other and the headline, since no file has
    them by image.

    Raises:
        RecordError: a figure does not follow; the message names the first one.
    """
    failed = tuple(name for name, error in result.headline.per_image.items() if math.isnan(error))
    expected = len(result.headline.per_image)
    counted = replace(result, expected=expected, scored=expected - len(failed), failed_ids=failed)
    wrong = list(differences(result, counted, skipped=("scores",)))
    for score in result.scores:
        wrong += _wrong_figures(score)
    if wrong:
        raise RecordError(f"{wrong[0]} by its per-image errors; {ADVICE}")


def _wrong_figures(score: Score) -> list[str]:
    """The figures of a score that do not follow from its per-image errors."""
    ids = list(score.per_image)
    values = np.array([score.per_image[name] for name in ids])
    if not np.isfinite(values).any():
        return [f"{score.name} has no image scored, wanted at least one"]
    if (values < 0).any() or np.isinf(values).any():
        return [f"{score.name} has a negative or infinite error, wanted none"]
    limits = [part.threshold for part in score.thresholds]
    if not all(0.0 < limit < math.inf for limit in limits):
        return [f"{score.name} has thresholds {limits}, wanted positive ones"]
    groups = groups_of(score, ids)
    fresh = summarise(
        Errors(ids, values),
        name=score.name,
        label=score.label,
        unit=score.unit,
        groups=groups,
        thresholds=limits,
        bootstrap=Bootstrap(draws=1),
    )
    skipped = ("per_image", "bin_of", "angle_deg", *NOT_FROM_IMAGES)
    wrong = list(differences(score, fresh, skipped=skipped, where=score.name))
    return wrong or [*_wrong_interval(score, values, groups), *_wrong_points(score)]


def _wrong_interval(score: Score, values: Float64s, groups: Groups | None) -> list[str]:
    """Errors of an interval that cannot come from these errors."""
    low, high = score.interval.low, score.interval.high
    where = f"{score.name}.interval is [{low:.9g}, {high:.9g}]"
    strata = strata_of(values, groups)
    if math.isnan(low) and math.isnan(high) and min(len(rows) for rows in strata) < FEW_IMAGES:
        return []
    if not all(len(rows) for rows in strata):
        return [f"{where}, wanted none"]
    variance = sum(values[rows].var() / len(rows) for rows in strata) / len(strata) ** 2
    narrowest = NARROWEST * 2.0 * NORMAL_HALF_WIDTH * math.sqrt(variance)
    slack = 1e-9 + 1e-6 * abs(score.headline)
    if not low - slack <= score.headline <= high + slack:
        return [f"{where}, wanted one around {score.headline:.9g}"]
    if high - low < narrowest - slack:
        return [f"{where}, wanted a width of {narrowest:.3g} at least"]
    return []


def _wrong_points(score: Score) -> list[str]:
    """Errors of regions and of the 68 points; the mean of the points must be the headline."""
    if tuple(score.regions) != tuple(REGIONS) or len(score.per_point) != LANDMARK_COUNT:
        return []
    points = np.array(score.per_point)
    by_points = {name: float(points[first:last].mean()) for name, (first, last) in REGIONS.items()}
    mean = {"mean": float(points.mean())}
    return [
        *differences(dict(score.regions), by_points, where=f"{score.name}.regions"),
        *differences(mean, {"mean": score.headline}, where=f"{score.name}.per_point"),
    ]
