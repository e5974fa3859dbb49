"""People in a clip while their tracks grow, and the assignment of faces to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.video.samples import Sample, Track

SAME_IDENTITY_SD = 1.4
"""Largest distance of median identities, in standard deviations, of one person's faces. By
`python -m tools.people_report` one person's identity drifts by up to 1.14 while the head turns, and
two people's are at least 1.67 apart."""
OTHER_IDENTITY_SD = 2.3
"""From this distance on a track shows another, unknown person: twice that drift."""
WINDOW = 8
"""Number of latest samples whose median identity is compared with the earlier ones."""
_REMEMBERED = 60
RECENT_FRAMES = 15
"""A face that returns to its old place within this time is the same person, at any distance."""
_BETTER = 0.02  # smaller improvements are not worth copying a frame


@dataclass(frozen=True, eq=False)
class _Shown:
    """A frame that shows a face well."""

    score: float
    frame: int
    pixels: RgbImage


@dataclass(eq=False)
class Person:
    """A track while it grows.

    Attributes:
        samples: in order of time; empty before the first `add`, or if the only one was no face.
        is_live: whether the person is being tracked at present.
    """

    samples: list[Sample] = field(default_factory=list)
    is_live: bool = True
    _best: _Shown | None = None
    _settled: _Shown | None = None

    @property
    def last(self) -> Sample:
        """The newest sample."""
        return self.samples[-1]

    def add(self, sample: Sample, pixels: RgbImage) -> None:
        """Add the next sample, and keep its frame if it shows the face best so far."""
        if not self.samples or self.last.frame != sample.frame:
            self.samples.append(sample)
        self.is_live = True
        score = _score(sample)
        if self._best is None or score > self._best.score + _BETTER:
            if self._best is not None and self._best.frame <= sample.frame - 2 * WINDOW:
                self._settled = self._best
            self._best = _Shown(score, sample.frame, pixels.copy())

    def distance(self, identity: FloatArray) -> float:
        """Distance of an identity (K,) from the median of the latest ones, standard deviations."""
        return _apart(_typical_identity(self.samples[-_REMEMBERED:]), identity)

    def strayed(self, lost: Sequence["Person"], pixels: RgbImage) -> "Person | None":
        """Another person shown by the newest samples, which are removed from this track; or None.

        A track can switch to another person if one covers the other, or in a cross-fade.

        Args:
            lost: people not tracked at present.
            pixels: of the newest frame.
        """
        before, recent = self.samples[-_REMEMBERED:-WINDOW], self.samples[-WINDOW:]
        if len(before) < WINDOW:
            return None
        old, new = _typical_identity(before), _typical_identity(recent)
        # a face that is being covered drifts through meaningless identities
        is_settled = all(_apart(sample.identity, new) < SAME_IDENTITY_SD / 2 for sample in recent)
        known, moved = nearest(lost, new), _apart(new, old)
        is_known = known is not None and known.distance(new) < moved / 2
        if not is_settled or not (is_known or moved > OTHER_IDENTITY_SD):
            return None
        start = len(self.samples) - WINDOW
        while start > 0 and _apart(self.samples[start - 1].identity, new) < SAME_IDENTITY_SD:
            start -= 1
        if start <= RECENT_FRAMES:  # this face was half covered when it appeared
            start = 0
        other = Person(self.samples[start:])
        del self.samples[start:]
        other._best = _Shown(_score(other.last), other.last.frame, pixels.copy())
        if self._best and self._best.frame >= other.samples[0].frame:
            other._best = self._best
            self._best = self._settled or self._best
        return other

    def join(self, later: "Person") -> None:
        """Append a later part of this person's track."""
        self.samples += later.samples
        self.is_live = later.is_live
        if later._best and (self._best is None or later._best.score > self._best.score):
            self._best = later._best

    def track(self, number: int) -> Track:
        """The person's track."""
        assert self._best is not None
        return Track(number, tuple(self.samples), self._best.frame, self._best.pixels)


def returned(people: Sequence[Person], sample: Sample, place_counts: bool) -> Person | None:
    """The lost person this face belongs to.

    Args:
        people: all people so far.
        sample: of the face.
        place_counts: whether a person lost just before at this place counts as the same.
    """
    lost = [person for person in people if not person.is_live]
    for person in lost if place_counts else ():
        is_recent = person.samples and sample.frame - person.last.frame <= RECENT_FRAMES
        if is_recent and holds_centre(person.last.box, sample.box):
            return person
    return nearest(lost, sample.identity)


def nearest(people: Sequence[Person], identity: FloatArray) -> Person | None:
    """The person with the nearest identity to (K,), if it is near enough; else None."""
    apart = [(person.distance(identity), person) for person in people if person.samples]
    closest = min(apart, key=lambda pair: pair[0], default=None)
    return closest[1] if closest is not None and closest[0] <= SAME_IDENTITY_SD else None


def holds_centre(box: FloatArray, other: FloatArray) -> bool:
    """Whether the centre of the other box lies in this one; x0, y0, x1, y1 each."""
    x, y = (other[:2] + other[2:]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _typical_identity(samples: Sequence[Sample]) -> FloatArray:
    return np.median([sample.identity for sample in samples], axis=0)


def _score(sample: Sample) -> float:
    """How well a sample shows the face: frontal and confident."""
    yaw, pitch, _ = sample.angles_deg
    return sample.confidence * float(np.cos(np.radians(yaw)) * np.cos(np.radians(pitch)))


def _apart(one: FloatArray, other: FloatArray) -> float:
    return float(np.linalg.norm(one - other))
