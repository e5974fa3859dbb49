"""From per-image errors to a `Score`: the only place where errors are averaged."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eval.results.record import Aggregate, BinScore, Interval, Score, ThresholdScore, Unit
from eval.scoring import metrics
from eval.scoring.intervals import OVER_IMAGES, OVER_SUBJECTS, Tails, bootstrap_t, cluster_values
from eval.scoring.metrics import Float64s, Ints

LEVEL = 0.95


@dataclass(frozen=True)
class Bootstrap:
    """Settings of the bootstrap interval."""

    draws: int = 10_000
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Groups:
    """Which group each image is in, such as its yaw bin.

    Attributes:
        index: (N,) int64, -1 for an image in no group.
        labels: of the groups, in order.
        angle_deg: (N,) the angle that the images were grouped by, if any; for plots.
    """

    index: Ints
    labels: tuple[str, ...]
    angle_deg: Float64s | None = None


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors of one kind before they are averaged.

    Attributes:
        ids: N images.
        per_image: (N,) float64, NaN for failed faces.
        per_point: (N, L) float64 in the same unit, or None for dense sets.
        regions: named slices of the points, first and one past the last.
        subjects: (N,) the subject of each image, if subjects have several images; the interval
            then draws subjects.
        tails: sides on which values can be extreme; "both" for differences of errors.
    """

    ids: Sequence[str]
    per_image: Float64s
    per_point: Float64s | None = None
    regions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    subjects: NDArray[np.str_] | None = None
    tails: Tails = "high"


def summarise(
    errors: Errors,
    *,
    name: str,
    label: str,
    unit: Unit = "fraction",
    groups: Groups | None = None,
    thresholds: Sequence[float] = (),
    bootstrap: Bootstrap | None = None,
) -> Score:
    """Average errors in the ways that boards show.

    The headline is the mean of the groups' means if there are groups, and the mean over images
    otherwise.

    Args:
        errors: of N images; at least one not NaN.
        name: short name of the score.
        label: for display.
        unit: of the errors.
        groups: such as yaw bins.
        thresholds: for failure rate and area under the curve, in the unit.
        bootstrap: settings of the interval; None takes the defaults.
    """
    values, bootstrap = errors.per_image, bootstrap or Bootstrap()
    aggregate: Aggregate = "mean_of_images" if groups is None else "mean_of_bins"
    bins = () if groups is None else _bins(values, groups)
    means = np.array([part.mean for part in bins])
    point_means = () if errors.per_point is None else _point_means(errors.per_point, groups)
    return Score(
        name=name,
        label=label,
        unit=unit,
        aggregate=aggregate,
        mean_of_bins=float(means.mean()) if bins else math.nan,
        std_of_bins=float(means.std()) if bins else math.nan,
        mean_of_images=float(np.nanmean(values)),
        interval=_interval(errors, groups, bootstrap),
        thresholds=tuple(
            ThresholdScore(
                limit, metrics.failure_rate(values, limit), metrics.area_under_ced(values, limit)
            )
            for limit in thresholds
        ),
        bins=bins,
        regions={
            region: float(np.mean(point_means[first:last]))
            for region, (first, last) in errors.regions.items()
        },
        per_point=tuple(point_means),
        per_image=dict(zip(errors.ids, values.tolist(), strict=True)),
        bin_of={} if groups is None else _bin_of(errors.ids, groups),
        angle_deg={} if groups is None else _angle_of(errors.ids, groups),
    )


def strata_of(values: Float64s, groups: Groups | None) -> list[Ints]:
    """Rows of the scored images of each group; one stratum of all if there are no groups.

    Args:
        values: (N,) or (N, C); a row with a NaN is in no stratum.
        groups: of the N rows.
    """
    scored = np.isfinite(values.reshape(len(values), -1)).all(axis=1)
    if groups is None:
        return [np.flatnonzero(scored)]
    return [np.flatnonzero(scored & (groups.index == n)) for n in range(len(groups.labels))]


def subjects_of(score: Score, ids: Sequence[str]) -> NDArray[np.str_] | None:
    """The subject of each image, if the score's interval was drawn over subjects; else None.

    Ids are then <subject>_<pitch>_<yaw>, as in Florence.

    Args:
        score: with its interval.
        ids: N images.
    """
    if score.interval.method != OVER_SUBJECTS:
        return None
    return np.array([name.rsplit("_", 2)[0] for name in ids], dtype=np.str_)


def _bin_of(ids: Sequence[str], groups: Groups) -> dict[str, str]:
    pairs = zip(ids, groups.index.tolist(), strict=True)
    return {name: groups.labels[index] for name, index in pairs if index >= 0}


def _angle_of(ids: Sequence[str], groups: Groups) -> dict[str, float]:
    if groups.angle_deg is None:
        return {}
    return dict(zip(ids, groups.angle_deg.tolist(), strict=True))


def _bins(values: Float64s, groups: Groups) -> tuple[BinScore, ...]:
    means = metrics.group_means(values, groups.index, len(groups.labels))
    counts = [len(rows) for rows in strata_of(values, groups)]
    parts = zip(groups.labels, counts, means.tolist(), strict=True)
    return tuple(BinScore(label, count, mean) for label, count, mean in parts)


def _point_means(per_point: Float64s, groups: Groups | None) -> tuple[float, ...]:
    """The headline's aggregate of each point; NaN entries (points not visible) are left out."""
    if groups is None:
        return tuple(np.nanmean(per_point, axis=0).tolist())
    columns = (metrics.group_means(c, groups.index, len(groups.labels)) for c in per_point.T)
    return tuple(float(means.mean()) for means in columns)


def _interval(errors: Errors, groups: Groups | None, bootstrap: Bootstrap) -> Interval:
    values, strata = errors.per_image, strata_of(errors.per_image, groups)
    method = OVER_IMAGES if errors.subjects is None else OVER_SUBJECTS
    low = high = math.nan
    if all(len(rows) for rows in strata):
        if errors.subjects is not None:
            index = np.zeros(len(values), dtype=np.int64) if groups is None else groups.index
            values = cluster_values(values, index, len(strata), errors.subjects)
            strata = [np.arange(len(values))]
        low, high = bootstrap_t(
            values, strata, draws=bootstrap.draws, seed=bootstrap.seed, tails=errors.tails
        )
    return Interval(low, high, LEVEL, bootstrap.draws, bootstrap.seed, method)
