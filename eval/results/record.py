"""Results as records: fractions or degrees, unrounded, with all that is needed to read a number.

A record is a JSON file, and beside it a CSV with the error of each image; the JSON names the CSV
and its hash, so that the two cannot part unnoticed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SCHEMA_VERSION = 3

Unit = Literal["fraction", "deg"]
Aggregate = Literal["mean_of_bins", "mean_of_images"]
Provenance = Literal["scored", "reported"]


@dataclass(frozen=True)
class BinScore:
    """One group of images, such as a yaw bin: label, how many were scored, and their mean."""

    label: str
    count: int
    mean: float


@dataclass(frozen=True)
class Interval:
    """An interval of the headline; NaN where there are too few images for one.

    Attributes:
        low: lower end.
        high: upper end.
        level: nominal coverage, such as 0.95.
        draws: resamples of the bootstrap.
        seed: of its generator.
        method: how it was drawn; `eval.scoring.intervals.COVERAGE` says what it covers.
    """

    low: float
    high: float
    level: float
    draws: int
    seed: int
    method: str


@dataclass(frozen=True)
class ThresholdScore:
    """Failure rate and normalised area under the CED curve at one threshold."""

    threshold: float
    failure_rate: float
    auc: float


@dataclass(frozen=True)
class Score:
    """One kind of error of one submission; NaN where nothing was scored.

    Attributes:
        name: short and unique within a result, such as "2d", "3d", "pose".
        label: for people, such as "3D, z mean".
        unit: "fraction" (shown in percent) or "deg".
        aggregate: which of the two means is the headline.
        mean_of_bins: unweighted mean of the bins' means; NaN for a score without bins.
        std_of_bins: population standard deviation of the bins' means, as in 3DDFA v1's code
            (the CVPR 2016 table prints the sample one, larger by sqrt(3 / 2)).
        mean_of_images: over the scored images.
        interval: of the headline.
        thresholds: failures and area under the curve; failed images count as failures.
        bins: the groups, none for a score without them.
        regions: the headline's aggregate of each named set of points, empty without any.
        per_point: the same of each point, in the protocol's order, empty for dense sets.
        per_image: error by image id, NaN for a failed one.
        bin_of: label of each image's bin, by id; empty without bins.
        angle_deg: the angle by which images were binned, by id; empty where there is none.
    """

    name: str
    label: str
    unit: Unit
    aggregate: Aggregate
    mean_of_bins: float
    std_of_bins: float
    mean_of_images: float
    interval: Interval
    thresholds: tuple[ThresholdScore, ...]
    bins: tuple[BinScore, ...]
    regions: Mapping[str, float]
    per_point: tuple[float, ...]
    per_image: Mapping[str, float] = field(repr=False)
    bin_of: Mapping[str, str] = field(default_factory=dict, repr=False)
    angle_deg: Mapping[str, float] = field(default_factory=dict, repr=False)

    @property
    def headline(self) -> float:
        """The figure that a board ranks by."""
        by_bins = self.aggregate == "mean_of_bins"
        return self.mean_of_bins if by_bins else self.mean_of_images


@dataclass(frozen=True)
class MethodFacts:
    """What a submission's author says of it; "not stated" where nothing is said."""

    method: str
    link: str = "not stated"
    year: str = "not stated"
    weights_revision: str = "not stated"
    training_data: str = "not stated"
    boxes: str = "not stated"
    licence: str = "not stated"


@dataclass(frozen=True)
class ProtocolResult:
    """One method's measured result under one protocol.

    Attributes:
        protocol: its name.
        protocol_version: raised when any of its choices changes.
        options: named choices of this run, such as {"subset": "all", "yaw": "yaw.npy"}.
        facts: of the method.
        submission_sha256: of the file, "" when it was built in memory.
        truth_sha256: of the truth of all published images, in the order of their names; see
            `eval.results.truths`.
        truth_source: the file or field that the truth came from.
        normaliser: what distances were divided by.
        alignment: what was done before comparing.
        expected: images that the protocol asks for.
        scored: images that were answered.
        failed_ids: the others.
        scores: the first is the headline's.
        warnings: sentences for a person.
        package_version: of the scorer.
        created: ISO date of the scoring.
        provenance: "scored" where the board's keeper had the predictions, "reported" where only
            the record was handed in.
        schema_version: of the record's form.
    """

    protocol: str
    protocol_version: int
    options: Mapping[str, str]
    facts: MethodFacts
    submission_sha256: str
    truth_sha256: str
    truth_source: str
    normaliser: str
    alignment: str
    expected: int
    scored: int
    failed_ids: tuple[str, ...]
    scores: tuple[Score, ...]
    warnings: tuple[str, ...]
    package_version: str
    created: str
    provenance: Provenance = "scored"
    schema_version: int = SCHEMA_VERSION

    @property
    def headline(self) -> Score:
        """The score that a board ranks by."""
        return self.scores[0]

    @property
    def is_complete(self) -> bool:
        """Whether every expected image was scored."""
        return self.scored == self.expected and not math.isnan(self.headline.headline)

    def score(self, name: str) -> Score | None:
        """The score of that name, or None."""
        return next((score for score in self.scores if score.name == name), None)
