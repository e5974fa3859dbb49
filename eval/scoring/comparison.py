"""Two methods on the same images: the paired difference, its interval, and a sign test."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.errors import ComparisonError
from eval.results.record import Aggregate, Interval, ProtocolResult, Score, Unit
from eval.results.truths import truth_name
from eval.scoring import metrics
from eval.scoring.metrics import Float64s
from eval.scoring.summary import LEVEL, Bootstrap, Errors, Groups, strata_of, summarise
from eval.untrusted.text import listed

# Records keep nine digits of an error: less than that is no difference.
RECORD_PRECISION = 1e-8
# What must be equal for two figures to mean the same; the options are compared one by one.
TERMS = ("protocol", "protocol_version", "normaliser", "alignment")


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
    """Second minus first over some images that both scored: positive where the first is better.

    Attributes:
        label: of the bin, or of the headline.
        count: images.
        mean: of the differences, in the score's unit; NaN where a bin is empty.
        interval: percentile bootstrap over pairs, resampled within the bins.
    """

    label: str
    count: int
    mean: float
    interval: Interval


@dataclass(frozen=True)
class Comparison:
    """What can be said of two methods under one score.

    Attributes:
        protocol: its name.
        score: short name, such as "2d".
        label: for people, such as "3D, z mean".
        unit: of every error here.
        aggregate: of the headline.
        first: one method.
        second: the other.
        difference: of the headlines, second minus first.
        bins: the same of each bin, none for a score without bins.
        expected: images of the protocol.
        ties: images with equal errors; the sign test leaves them out.
        sign_p_value: two-sided, of "each is as likely as the other to win an image".
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
    ties: int
    sign_p_value: float

    @property
    def compared(self) -> int:
        """Images that both scored."""
        return self.difference.count

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval of the headline's difference lies on one side of 0."""
        interval = self.difference.interval
        return interval.low > 0 or interval.high < 0

    @property
    def better(self) -> Side | None:
        """The side with the smaller headline; None where they are equal or there is none."""
        gap = self.difference.mean
        if math.isnan(gap) or gap == 0:
            return None
        return self.first if gap > 0 else self.second


def compare(
    first: ProtocolResult, second: ProtocolResult, *, bootstrap: Bootstrap | None = None
) -> tuple[Comparison, ...]:
    """Compare two results image by image, over the images that both scored.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap; our reading: an image is
    drawn with both of its errors, within its bin, so that what makes an image hard cancels. The
    interval says how far the choice of images matters; it knows nothing of training anew.

    Args:
        first: one method's result.
        second: another's, under the same terms.
        bootstrap: settings of the intervals; None takes the defaults.

    Returns:
        One for each score that both have, the headline's first.

    Raises:
        ComparisonError: the terms differ, or no image was scored by both.

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


def refuse_different_terms(results: Sequence[ProtocolResult]) -> None:
    """Refuse results whose figures do not mean the same.

    Args:
        results: any number of them.

    Raises:
        ComparisonError: names what differs.
    """
    reference, *others = results
    for other in others:
        pairs = {name: (getattr(reference, name), getattr(other, name)) for name in TERMS}
        pairs["truth"] = (truth_name(reference), truth_name(other))
        for name in sorted(reference.options.keys() | other.options.keys()):
            pairs[name] = (reference.options.get(name, "-"), other.options.get(name, "-"))
        for name, (ours, theirs) in pairs.items():
            if ours != theirs:
                raise ComparisonError(
                    f"{name} must be the same, got {ours} for {reference.facts.method} and "
                    f"{theirs} for {other.facts.method}; score both again in one way"
                )
        if reference.headline.per_image.keys() != other.headline.per_image.keys():
            raise ComparisonError(
                f"{reference.facts.method} and {other.facts.method} were not scored on the same "
                "images; score both again in one way"
            )


def groups_of(score: Score, ids: Sequence[str]) -> Groups | None:
    """The bins of a score's images, as ``summarise`` was given them.

    Args:
        score: with ``bin_of`` where it has bins.
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
    errors = np.stack([_column(ours, ids), _column(theirs, ids)], axis=1)
    errors[~np.isin(np.arange(len(ids)), np.concatenate(strata_of(errors, groups)))] = np.nan
    gaps = errors[:, 1] - errors[:, 0]
    gaps[np.isclose(errors[:, 1], errors[:, 0], rtol=RECORD_PRECISION, atol=0.0)] = 0.0
    if np.isnan(gaps).all():
        raise ComparisonError(
            f"no image was scored by both methods under {ours.label}, wanted at least one of "
            f"{listed(ids)}; compare submissions that answer the same images"
        )
    won, lost, ties = (int(part.sum()) for part in (gaps > 0, gaps < 0, gaps == 0))
    return Comparison(
        protocol=first.protocol,
        score=name,
        label=ours.label,
        unit=ours.unit,
        aggregate=ours.aggregate,
        first=_side(first, ours, _headline(errors[:, 0], groups), won),
        second=_side(second, theirs, _headline(errors[:, 1], groups), lost),
        difference=_difference(ours.aggregate.replace("_", " "), ids, gaps, groups, bootstrap),
        bins=tuple(
            _difference(label, ids, np.where(groups.index == n, gaps, np.nan), None, bootstrap)
            for n, label in enumerate(groups.labels)
        )
        if groups
        else (),
        expected=len(ids),
        ties=ties,
        sign_p_value=_sign_test(won, lost),
    )


def _column(score: Score, ids: Sequence[str]) -> Float64s:
    return np.array([score.per_image[name] for name in ids], dtype=np.float64)


def _side(result: ProtocolResult, score: Score, headline: float, won: int) -> Side:
    failed = tuple(name for name, error in score.per_image.items() if math.isnan(error))
    return Side(result.facts.method, headline, failed, won)


def _headline(values: Float64s, groups: Groups | None) -> float:
    """The mean of the bins' means, or of all where there are no bins; NaN with an empty bin."""
    if groups is None:
        return float(np.nanmean(values))
    return float(metrics.group_means(values, groups.index, len(groups.labels)).mean())


def _difference(
    label: str, ids: Sequence[str], gaps: Float64s, groups: Groups | None, bootstrap: Bootstrap
) -> Difference:
    """The mean of the gaps and its interval; gaps of images not compared are NaN."""
    count = int(np.isfinite(gaps).sum())
    if not count:
        nothing = Interval(math.nan, math.nan, LEVEL, bootstrap.draws, bootstrap.seed)
        return Difference(label, 0, math.nan, nothing)
    score = summarise(
        Errors(ids, gaps), name="difference", label=label, groups=groups, bootstrap=bootstrap
    )
    return Difference(label, count, score.headline, score.interval)


def _sign_test(won: int, lost: int) -> float:
    """Two-sided p value; 1 where no image tells the two apart."""
    # Imported here: half a second that scoring does not need.
    from scipy.stats import binomtest

    return float(binomtest(won, won + lost).pvalue) if won + lost else 1.0
