"""Two methods on the same images: the paired difference, its interval, and two tests.

Failed faces are no advantage: above a stated share of them there is no verdict, and a second figure
counts each as the worst error.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.errors import ComparisonError
from eval.results.record import Aggregate, Interval, ProtocolResult, Score, Unit
from eval.scoring import metrics
from eval.scoring.intervals import OVER_IMAGES, cluster_values
from eval.scoring.metrics import Float64s
from eval.scoring.permutation import sign_flip_p_value
from eval.scoring.summary import LEVEL, Bootstrap, Errors, Groups, strata_of, subjects_of, summarise
from eval.scoring.terms import refuse_different_terms
from eval.untrusted.text import listed

# Records keep nine digits of an error; smaller differences are ignored.
RECORD_PRECISION = 1e-8
# There is no verdict if either method failed on more than this share of a bin's images.
MOST_FAILED = 0.01
LARGEST_P = 0.05


@dataclass(frozen=True)
class Side:
    """One of the two methods.

    Attributes:
        method: its name.
        headline: over the images that both scored, in the score's unit.
        failed_ids: images that it did not score.
        won: images on which its error is the smaller one.
    """

    method: str
    headline: float
    failed_ids: tuple[str, ...]
    won: int


@dataclass(frozen=True)
class Difference:
    """Second minus first over some images that both scored; positive if the first is better.

    Attributes:
        label: of the bin, or of the headline.
        count: number of images.
        mean: of the differences, in the score's unit; NaN if a bin is empty.
        interval: symmetric bootstrap-t over pairs, resampled within the bins; over subjects if
            the results' intervals were drawn over subjects.
    """

    label: str
    count: int
    mean: float
    interval: Interval


@dataclass(frozen=True)
class Comparison:
    """The comparison of two methods under one score.

    Attributes:
        protocol: its name.
        score: short name, such as "2d".
        label: for display, such as "3D, z mean".
        unit: of all errors here.
        aggregate: of the headline.
        first: one method.
        second: the other.
        difference: of the headlines, second minus first.
        bins: the same for each bin; empty for a score without bins.
        expected: number of images in the protocol.
        failed: number of images on which either failed.
        failed_share: failed images as a share of a bin's, of the bin with the largest share.
        with_failures: difference of the headlines over all images, each failure counted as the
            largest error of either method.
        ties: number of images with equal errors; the sign test leaves them out.
        sign_p_value: two-sided, of "each method is as likely to win an image"; it tests wins, not
            the mean.
        mean_p_value: two-sided permutation test of the headline's difference; NaN without one.
    """

    protocol: str
    score: str
    label: str
    unit: Unit
    aggregate: Aggregate
    first: Side
    second: Side
    difference: Difference
    bins: tuple[Difference, ...]
    expected: int
    failed: int
    failed_share: float
    with_failures: Difference
    ties: int
    sign_p_value: float
    mean_p_value: float

    @property
    def compared(self) -> int:
        """Number of images that both scored."""
        return self.difference.count

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval of the headline's difference lies on one side of 0."""
        interval = self.difference.interval
        return interval.low > 0 or interval.high < 0

    @property
    def is_significant(self) -> bool:
        """Whether interval and permutation test both show a difference of the headlines."""
        return self.excludes_zero and self.mean_p_value <= LARGEST_P

    @property
    def withheld(self) -> str:
        """Why failures allow no verdict; "" if they do not matter."""
        if self.failed_share > MOST_FAILED:
            where = "a bin" if self.bins else "all images"
            return (
                f"one of the two failed on {100 * self.failed_share:.1f} % of {where}, more than "
                f"{100 * MOST_FAILED:g} %"
            )
        if self.failed and self.difference.mean * self.with_failures.mean < 0:
            return "with failures counted as the worst error, the difference changes its sign"
        return ""

    @property
    def better(self) -> Side | None:
        """The side with the smaller headline; None if equal, missing, or withheld."""
        gap = self.difference.mean
        if math.isnan(gap) or gap == 0 or self.withheld:
            return None
        return self.first if gap > 0 else self.second


def compare(
    first: ProtocolResult, second: ProtocolResult, *, bootstrap: Bootstrap | None = None
) -> tuple[Comparison, ...]:
    """Compare two results image by image, over the images that both scored.

    Images on which either failed are counted; see ``Comparison.withheld`` and ``with_failures``.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap; our reading: an image is
    drawn with both of its errors, within its bin, so that an image's difficulty cancels. The
    interval covers image sampling, not variation between training runs.

    Args:
        first: one method's result.
        second: another's, under the same protocol and options.
        bootstrap: settings of the intervals; None takes the defaults.

    Returns:
        One for each score that both have, the headline's first.

    Raises:
        ComparisonError: protocol, options or truth differ, or no image was scored by both.

    Example:
        >>> for part in compare(ours, theirs):  # doctest: +SKIP
        ...     print(part.label, part.difference.mean, part.excludes_zero)
    """
    refuse_different_terms([first, second])
    return tuple(
        _compare_scores(first, second, score.name, bootstrap or Bootstrap())
        for score in first.scores
        if second.score(score.name) is not None
    )


def groups_of(score: Score, ids: Sequence[str]) -> Groups | None:
    """The bins of a score's images, in the form that ``summarise`` takes.

    Args:
        score: with ``bin_of`` if it has bins.
        ids: N images, the order of the result.
    """
    if not score.bins:
        return None
    labels = tuple(part.label for part in score.bins)
    place = {label: index for index, label in enumerate(labels)}
    index = [place.get(score.bin_of.get(name, ""), -1) for name in ids]
    return Groups(np.array(index, dtype=np.int64), labels)


def _compare_scores(
    first: ProtocolResult, second: ProtocolResult, name: str, bootstrap: Bootstrap
) -> Comparison:
    ours, theirs = first.score(name), second.score(name)
    assert ours is not None and theirs is not None
    ids, groups = list(ours.per_image), groups_of(ours, list(ours.per_image))
    subjects = subjects_of(ours, ids)
    errors = np.stack([_column(ours, ids), _column(theirs, ids)], axis=1)
    lost = np.asarray(np.isnan(errors).any(axis=1))
    filled = _failures_filled(errors)
    everyone = strata_of(filled, groups)
    errors[~np.isin(np.arange(len(ids)), np.concatenate(strata_of(errors, groups)))] = np.nan
    gaps = errors[:, 1] - errors[:, 0]
    gaps[np.isclose(errors[:, 1], errors[:, 0], rtol=RECORD_PRECISION, atol=0.0)] = 0.0
    if np.isnan(gaps).all():
        raise ComparisonError(
            f"no image was scored by both methods under {ours.label}, wanted at least one of "
            f"{listed(ids)}; compare submissions for the same images"
        )
    label = ours.aggregate.replace("_", " ")
    won, beaten, ties = (int(part.sum()) for part in (gaps > 0, gaps < 0, gaps == 0))

    def paired(values: Float64s) -> Errors:
        return Errors(ids, values, subjects=subjects, tails="both")

    return Comparison(
        protocol=first.protocol,
        score=name,
        label=ours.label,
        unit=ours.unit,
        aggregate=ours.aggregate,
        first=_side(first, ours, _headline(errors[:, 0], groups), won),
        second=_side(second, theirs, _headline(errors[:, 1], groups), beaten),
        difference=_difference(label, paired(gaps), groups, bootstrap),
        bins=tuple(
            _difference(label, paired(np.where(groups.index == n, gaps, np.nan)), None, bootstrap)
            for n, label in enumerate(groups.labels)
        )
        if groups
        else (),
        expected=len(ids),
        failed=int(lost.sum()),
        failed_share=max(float(lost[rows].mean()) for rows in everyone if len(rows)),
        with_failures=_difference(label, paired(filled[:, 1] - filled[:, 0]), groups, bootstrap),
        ties=ties,
        sign_p_value=sign_test_p_value(won, beaten),
        mean_p_value=_mean_p_value(gaps, groups, subjects, bootstrap),
    )


def _mean_p_value(
    gaps: Float64s,
    groups: Groups | None,
    subjects: NDArray[np.str_] | None,
    bootstrap: Bootstrap,
) -> float:
    """P value of the permutation test; a subject's differences change their signs together."""
    strata = strata_of(gaps, groups)
    if subjects is not None and all(len(rows) for rows in strata):
        index = np.zeros(len(gaps), dtype=np.int64) if groups is None else groups.index
        gaps = cluster_values(gaps, index, len(strata), subjects)
        strata = [np.arange(len(gaps))]
    return sign_flip_p_value(gaps, strata, draws=bootstrap.draws, seed=bootstrap.seed)


def _failures_filled(errors: Float64s) -> Float64s:
    """(N, 2) errors with failures set to the largest error, so that failing does not pay."""
    worst = np.nanmax(errors, initial=0.0)
    return np.where(np.isnan(errors), worst, errors)


def _column(score: Score, ids: Sequence[str]) -> Float64s:
    return np.array([score.per_image[name] for name in ids], dtype=np.float64)


def _side(result: ProtocolResult, score: Score, headline: float, won: int) -> Side:
    failed = tuple(name for name, error in score.per_image.items() if math.isnan(error))
    return Side(result.facts.method, headline, failed, won)


def _headline(values: Float64s, groups: Groups | None) -> float:
    """The mean of the bins' means, or of all images without bins; NaN if a bin is empty."""
    if groups is None:
        return float(np.nanmean(values))
    return float(metrics.group_means(values, groups.index, len(groups.labels)).mean())


def _difference(
    label: str, gaps: Errors, groups: Groups | None, bootstrap: Bootstrap
) -> Difference:
    """The mean of the gaps and its interval; gaps of images not compared are NaN."""
    count = int(np.isfinite(gaps.per_image).sum())
    if not count:
        nothing = Interval(math.nan, math.nan, LEVEL, bootstrap.draws, bootstrap.seed, OVER_IMAGES)
        return Difference(label, 0, math.nan, nothing)
    score = summarise(gaps, name="difference", label=label, groups=groups, bootstrap=bootstrap)
    return Difference(label, count, score.headline, score.interval)


def sign_test_p_value(won: int, lost: int) -> float:
    """Two-sided p value of the sign test; 1 if all images are ties."""
    # Imported here because it takes half a second, and scoring does not need it.
    from scipy.stats import binomtest

    return float(binomtest(won, won + lost).pvalue) if won + lost else 1.0
