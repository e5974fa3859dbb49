"""Tracks faces in a clip: after detection, each crop comes from the previous frame's landmarks."""

from collections.abc import Iterable
from itertools import combinations

import numpy as np

from dasl.arrays import RgbImage
from dasl.errors import DaslError
from dasl.geometry.crop import square_crop_from_landmarks
from dasl.geometry.similarity import roll_rad
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.reconstruction.regression import Regression
from dasl.video.ahead import ahead
from dasl.video.clip import Frame
from dasl.video.cuts import CutFinder
from dasl.video.people import RECENT_FRAMES, Person, holds_centre, nearest, returned
from dasl.video.samples import Sample, Track, TrackedClip

KEEP_CONFIDENCE = 0.44
"""Below this confidence a face is lost. `tools.calibrate_confidence` prints what this and the next
two thresholds let through: none of 160 pictures without a face reaches this one, nor does a face
with an error above 15 %; 5 % of the faces with an error below 7 %, damaged ones included, stay
below it."""
TRUSTED_CONFIDENCE = 0.6
"""From this confidence on, a face that the detector misses, such as a profile, is kept."""
UPRIGHT_CONFIDENCE = 0.7
"""From this confidence on, a sample's roll is used for the next frame's crop: a half covered face
can be predicted upside down. Of turned faces with an error above 15 %, none reaches it."""
DETECT_EVERY, DETECT_WHILE_LOST = 15, 3
"""Frames between detections: normally, and while nobody is visible or somebody was lost."""
SEARCH_FRAMES = 60
"""Duration of the more frequent detection after somebody was lost."""
MIN_INSIDE, MIN_SIDE_PX, MAX_STEP, MAX_GROWTH = 0.5, 12.0, 0.6, 1.5
MAX_PEOPLE = 8
MIN_SAMPLES = 3


class Tracker:
    """Tracks faces; `update` takes the frames in order, `tracks` returns the people."""

    def __init__(self, reconstructor: FaceReconstructor) -> None:
        """Start without people.

        Args:
            reconstructor: detects faces and predicts their coefficients.
        """
        self._reconstructor = reconstructor
        self._people: list[Person] = []
        self._cuts = CutFinder()
        self._last_look = -DETECT_EVERY
        self._lost_at = -SEARCH_FRAMES
        self._cut_at = -RECENT_FRAMES
        self._frames = 0

    def update(self, frame: Frame) -> None:
        """Process the next frame."""
        self._frames += 1
        if self._cuts.is_cut(frame.pixels):
            self._cut_at = frame.index
            for person in self._live():
                self._lose(person, frame)
        self._follow(frame)
        self._part_doubles(frame)
        self._part_strays(frame)
        if frame.index - self._last_look >= self._patience(frame.index):
            self._last_look = frame.index
            self._look(frame)

    def tracks(self) -> tuple[Track, ...]:
        """People visible in at least `MIN_SAMPLES` frames, numbered in order of appearance."""
        enough = min(MIN_SAMPLES, self._frames)
        kept = [person for person in self._people if len(person.samples) >= enough]
        kept.sort(key=lambda person: person.samples[0].frame)
        return tuple(person.track(number) for number, person in enumerate(kept, start=1))

    def _live(self) -> list[Person]:
        return [person for person in self._people if person.is_live]

    def _patience(self, index: int) -> int:
        if index in (self._lost_at, self._cut_at):
            return 1
        searching = index - self._lost_at < SEARCH_FRAMES
        return DETECT_WHILE_LOST if searching or not self._live() else DETECT_EVERY

    def _lose(self, person: Person, frame: Frame) -> None:
        person.is_live = False
        self._lost_at = frame.index
        if person.samples and person.last.frame == frame.index:
            person.samples.pop()

    def _follow(self, frame: Frame) -> None:
        live = self._live()
        if not live:
            return
        crops = [square_crop_from_landmarks(person.last.landmarks[:, :2]) for person in live]
        rolls = [_known_roll_deg(person.last) for person in live]
        regression = self._reconstructor.regress(frame.pixels, crops=crops, rolls_deg=rolls)
        for person, sample in zip(live, _samples(frame, regression), strict=True):
            if is_plausible(sample, frame.pixels) and continues(person.last, sample):
                person.add(sample, frame.pixels)
            else:
                self._lose(person, frame)

    def _part_doubles(self, frame: Frame) -> None:
        """If two tracks meet on one face, the person with the nearer identity keeps it."""
        for person, other in combinations(self._live(), 2):
            if person.is_live and other.is_live and holds_centre(other.last.box, person.last.box):
                identity = other.last.identity
                self._lose(max(person, other, key=lambda one: one.distance(identity)), frame)

    def _part_strays(self, frame: Frame) -> None:
        """Move samples of a track that switched to another face to the right person."""
        for person in self._live():
            lost = [one for one in self._people if not one.is_live]
            other = person.strayed(lost, frame.pixels)
            if other is None:
                continue
            self._lose(person, frame)
            known = nearest(lost, other.last.identity)
            if known is not None and known.last.frame < other.samples[0].frame:
                known.join(other)
            else:
                self._people.append(other)

    def _look(self, frame: Frame) -> None:
        unseen = self._live()
        new = []
        for detection in self._reconstructor.detector(frame.pixels):
            box = np.asarray(detection.box, dtype=np.float32)
            known = [person for person in unseen if holds_centre(box, person.last.box)]
            if known:
                unseen = [person for person in unseen if person not in known]
            elif not any(holds_centre(box, other.last.box) for other in self._live()):
                new.append(box)
        for person in unseen:
            if person.last.confidence < TRUSTED_CONFIDENCE:
                self._lose(person, frame)
        room = MAX_PEOPLE - len(self._live())
        if new and room > 0:
            self._meet(frame, self._reconstructor.regress(frame.pixels, boxes=new[:room]))

    def _meet(self, frame: Frame, regression: Regression | None) -> None:
        for sample in _samples(frame, regression):
            if not is_plausible(sample, frame.pixels):
                continue
            if any(holds_centre(person.last.box, sample.box) for person in self._live()):
                continue
            is_same_shot = frame.index - self._cut_at > RECENT_FRAMES
            person = returned(self._people, sample, place_counts=is_same_shot)
            if person is None:
                person = Person()
                self._people.append(person)
            person.add(sample, frame.pixels)


def track_clip(frames: Iterable[Frame], reconstructor: FaceReconstructor) -> TrackedClip:
    """Track every face of a clip.

    A clip that is damaged after its first frame gives the tracks before the damage.

    Args:
        frames: in order, all of one size; such as `Clip.frames()`.
        reconstructor: detects faces and predicts their coefficients.

    Raises:
        DaslError: no frame could be read.
    """
    tracker, count, size, damage = Tracker(reconstructor), 0, (0, 0), None
    try:
        for frame in ahead(frames):
            tracker.update(frame)
            count += 1
            size = frame.pixels.shape[1], frame.pixels.shape[0]
    except DaslError as error:
        if count == 0:
            raise
        damage = error
    return TrackedClip(tracker.tracks(), count, size, damage)


def _known_roll_deg(last: Sample) -> float | None:
    """Roll of a face in its last sample, degrees; None if it may be wrong."""
    if last.confidence < UPRIGHT_CONFIDENCE:
        return None
    return float(np.degrees(roll_rad(last.coefficients.pose)[0]))


def _samples(frame: Frame, regression: Regression | None) -> list[Sample]:
    if regression is None:
        return []
    landmarks = regression.landmarks_image
    return [
        Sample(
            frame.index,
            frame.time_s,
            regression.coefficients.rows(row, row + 1),
            landmarks[row].copy(),
            confidence,
        )
        for row, confidence in enumerate(regression.confidence.tolist())
    ]


def is_plausible(sample: Sample, pixels: RgbImage) -> bool:
    """Whether it is a face of sufficient size, at least half inside the frame."""
    size = np.array([pixels.shape[1], pixels.shape[0]])
    planar = sample.landmarks[:, :2]
    if not np.isfinite(planar).all():
        return False
    inside = ((planar > -0.5) & (planar < size - 0.5)).all(axis=1).mean()
    is_large = float(np.ptp(planar, axis=0).max()) >= MIN_SIDE_PX
    return bool(sample.confidence >= KEEP_CONFIDENCE and inside >= MIN_INSIDE and is_large)


def continues(before: Sample, after: Sample) -> bool:
    """Whether a head could move like this in one frame."""
    one, other = before.landmarks[:, :2], after.landmarks[:, :2]
    side = float(np.ptp(one, axis=0).max())
    step = float(np.linalg.norm(other.mean(axis=0) - one.mean(axis=0)))
    growth = float(np.ptp(other, axis=0).max()) / side
    return step <= MAX_STEP * side and 1 / MAX_GROWTH <= growth <= MAX_GROWTH
