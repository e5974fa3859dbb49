"""The statement of a protocol, as data, and the record of one run."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata

import numpy as np
from numpy.typing import NDArray

from eval.results.record import MethodFacts, ProtocolResult, Score
from eval.submissions.submission import Submission
from eval.untrusted.text import printable

PACKAGE = "dasl-eval"
PUBLISHED_FILES, INVENTED_FILES = "the published files", "synthetic files only"
# Thresholds of failure rate and area under the curve. For 68 points the literature uses the
# second; papers on other benchmarks state none.
THRESHOLDS = (0.05, 0.10)


@dataclass(frozen=True)
class Protocol:
    """The choices that determine a score; two scores compare only if all of these agree.

    Attributes:
        name: as on the command line.
        version: raised when any choice changes.
        title: one line for a table.
        images: which images are scored.
        image_count: number of images in a full submission.
        points: which points are scored.
        truth: the annotation.
        coordinates: names of the scores; the first is the headline.
        normaliser: what the mean distance is divided by.
        alignment: how predictions are aligned before comparing.
        z_rules: how the free depth offset may be fixed, the default first.
        yaw_source: source of the bins' angle.
        bins: labels with their edges.
        aggregation: how images are averaged; the first is the headline.
        index_base: of the pixel frame.
        sources: publications and code that define the choices.
        verified_on: the files that the scorer has run on: `PUBLISHED_FILES` or `INVENTED_FILES`.
    """

    name: str
    version: int
    title: str
    images: str
    image_count: int
    points: str
    truth: str
    coordinates: tuple[str, ...]
    normaliser: str
    alignment: str
    z_rules: tuple[str, ...]
    yaw_source: str
    bins: tuple[str, ...]
    aggregation: tuple[str, ...]
    index_base: str
    sources: tuple[str, ...]
    verified_on: str

    @property
    def listed_title(self) -> str:
        """The title as lists show it, with the caution if there is one."""
        return f"{self.title} ({self.caution})" if self.caution else self.title

    @property
    def caution(self) -> str:
        """A warning that lists of boards must show; "" for none."""
        if self.verified_on != INVENTED_FILES:
            return ""
        return "this scorer has run on synthetic files only so far, not on the published ones"


def measured(
    protocol: Protocol,
    submission: Submission,
    scores: tuple[Score, ...],
    *,
    truth: NDArray[np.generic],
    truth_source: str,
    options: Mapping[str, str],
    warnings: tuple[str, ...] = (),
) -> ProtocolResult:
    """The record of a run: the scores with protocol, submission, truth and options.

    Args:
        protocol: the protocol that was run.
        submission: the submission that was scored.
        scores: the first is the headline's; its NaN images are the failed ones.
        truth: of all published images, sorted by name, for its hash.
        truth_source: the file or field it came from.
        options: named choices of this run.
        warnings: messages to the user.
    """
    per_image = scores[0].per_image
    failed = tuple(name for name, error in per_image.items() if np.isnan(error))
    return ProtocolResult(
        protocol=protocol.name,
        protocol_version=protocol.version,
        options=dict(options),
        facts=method_facts(submission.meta),
        submission_sha256=submission.sha256,
        truth_sha256=hashlib.sha256(np.ascontiguousarray(truth).tobytes()).hexdigest(),
        truth_source=truth_source,
        normaliser=protocol.normaliser,
        alignment=protocol.alignment,
        expected=len(per_image),
        scored=len(per_image) - len(failed),
        failed_ids=failed,
        scores=scores,
        warnings=warnings,
        package_version=_package_version(),
        created=datetime.now(UTC).date().isoformat(),
    )


def method_facts(meta: Mapping[str, object]) -> MethodFacts:
    """A submission's facts about its method, each sanitised for display."""
    names = MethodFacts.__dataclass_fields__
    stated = {
        name: printable(str(meta[name]), 200)
        for name in names
        if isinstance(meta.get(name), str | int) and str(meta[name])
    }
    return MethodFacts(**{"method": "not stated", **stated})


def _package_version() -> str:
    """The scorer's version; a source folder that is not installed has none."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return "not installed"
