"""Results as records: errors as fractions or degrees, unrounded, with protocol and provenance.

A record is a JSON file, and beside it a CSV with the error of each image. The JSON holds the CSV's
hash, so that a mismatch is noticed.
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
    """A confidence interval of the headline; NaN if there are too few images.

    Attributes:
        low: lower end.
        high: upper end.
        level: nominal coverage, such as 0.95.
        draws: resamples of the bootstrap.
        seed: of the random generator.
        method: how it was drawn; `eval.scoring.intervals.COVERAGE` states its coverage.
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
    """One kind of error of one submission; NaN if nothing was scored.

    Attributes:
        name: short and unique within a result, such as "2d", "3d", "pose".
        label: for display, such as "3D, z mean".
        unit: "fraction" (shown in percent) or "deg".
        aggregate: which of the two means is the headline.
        mean_of_bins: unweighted mean of the bins' means; NaN for a score without bins.
        std_of_bins: population standard deviation of the bins' means, as in 3DDFA v1's code
            (the CVPR 2016 table prints the sample one, larger by sqrt(3 / 2)).
        mean_of_images: over the scored images.
        interval: of the headline.
        thresholds: failures and area under the curve; failed images count as failures.
        bins: the groups, none for a score without them.
        regions: the headline's aggregate for each named set of points; empty if there are none.
        per_point: the same for each point, in the protocol's order; empty for dense sets.
        per_image: error by image id, NaN for a failed one.
        bin_of: label of each image's bin, by id; empty without bins.
        angle_deg: the angle by which images were binned, by id; empty if there is none.
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
        """The value that a board ranks by."""
        by_bins = self.aggregate == "mean_of_bins"
        return self.mean_of_bins if by_bins else self.mean_of_images


@dataclass(frozen=True)
class MethodFacts:
    """The author's statements about a submission; "not stated" for missing ones."""

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
        truth_sha256: of the truth of all published images, sorted by name; see
            `eval.results.truths`.
        truth_source: the file or field that the truth came from.
        normaliser: what distances were divided by.
        alignment: how predictions were aligned before comparing.
        expected: number of images in the protocol.
        scored: number of images with a prediction.
        failed_ids: the images without one.
        scores: the first is the headline's.
        warnings: messages to the user.
        package_version: of the scorer.
        created: ISO date of the scoring.
        provenance: "scored" if the board's maintainer had the predictions, "reported" if only the
            record was handed in.
        schema_version: of the record's format.
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
