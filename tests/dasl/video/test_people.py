"""Whom a face belongs to: identities, places, and tracks that went astray."""

import numpy as np

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.video.people import RECENT_FRAMES, SAME_IDENTITY_SD, WINDOW, Person, nearest, returned
from dasl.video.samples import Sample

ANNA, BERTA = (
    np.zeros((1, 4), dtype=np.float32),
    np.full((1, 4), 2 * SAME_IDENTITY_SD, dtype=np.float32),
)


def _sample(
    frame: int, identity: np.ndarray, x: float = 0.0, yaw_deg: float = 30.0, sure: float = 0.8
) -> Sample:
    rotation = rotation_from_euler_deg(np.array([[yaw_deg, 0.0, 0.0]], dtype=np.float32))
    pose = Pose(rotation, np.ones(1, dtype=np.float32), np.zeros((1, 2), dtype=np.float32))
    random = np.random.default_rng(0)
    landmarks = random.uniform(0, 40, (68, 3)).astype(np.float32) + np.float32([x, 0, 0])
    return Sample(
        frame,
        frame / 30,
        Coefficients(pose, identity, np.zeros((1, 2), dtype=np.float32)),
        landmarks,
        sure,
    )


def _pixels(shade: int) -> np.ndarray:
    return np.full((4, 4, 3), shade, np.uint8)


def _person(identity: np.ndarray, frames: range, x: float = 0.0, live: bool = False) -> Person:
    person = Person()
    for frame in frames:
        person.add(_sample(frame, identity, x), _pixels(frame))
    person.is_live = live
    return person


def test_a_face_is_the_lost_persons_whose_identity_it_has():
    people = [_person(ANNA, range(3)), _person(BERTA, range(3), x=100)]
    face = _sample(200, BERTA + 0.1)
    assert returned(people, face, place_counts=True) is people[1]
    assert returned(people, _sample(200, ANNA - 2 * BERTA), place_counts=True) is None


def test_somebody_followed_does_not_return():
    assert returned([_person(ANNA, range(3), live=True)], _sample(9, ANNA), True) is None


def test_the_same_place_counts_a_while_and_never_after_a_cut():
    people = [_person(ANNA, range(3))]
    face = _sample(2 + RECENT_FRAMES, BERTA)
    assert returned(people, face, place_counts=True) is people[0]
    assert returned(people, face, place_counts=False) is None
    assert returned(people, _sample(3 + RECENT_FRAMES, BERTA), place_counts=True) is None
    assert returned(people, _sample(5, BERTA, x=100), place_counts=True) is None


def test_somebody_whose_only_sample_was_taken_back_is_nobody():
    assert nearest([Person()], ANNA[0]) is None
    assert returned([Person(is_live=False)], _sample(5, ANNA), place_counts=True) is None


def test_the_best_frame_is_frontal_and_trusted():
    person = Person()
    for frame, (yaw, sure) in enumerate([(40, 0.9), (5, 0.9), (0, 0.5), (60, 1.0)]):
        person.add(_sample(frame, ANNA, yaw_deg=yaw, sure=sure), _pixels(frame))
    track = person.track(3)
    assert (track.number, track.best_frame, track.best_pixels[0, 0, 0]) == (3, 1, 1)


def test_a_track_that_keeps_to_its_person_is_left_alone():
    person = _person(ANNA, range(40), live=True)
    assert person.strayed([], _pixels(0)) is None
    assert len(person.samples) == 40


def test_a_track_that_went_over_to_somebody_else_is_parted_where_it_did():
    person = _person(ANNA, range(30), live=True)
    other = None
    for frame in range(30, 50):
        better = _sample(frame, BERTA, yaw_deg=0.0)
        person.add(better, _pixels(frame))
        other = person.strayed([], _pixels(frame))
        if other is not None:
            break
    assert other is not None
    assert [sample.frame for sample in person.samples] == list(range(30))
    assert [sample.frame for sample in other.samples] == list(range(30, frame + 1))
    assert frame < 30 + WINDOW
    assert person.track(1).best_frame < 30 <= other.track(2).best_frame
    other.is_live = False
    known = _person(BERTA, range(5), x=100)
    known.join(other)
    assert [sample.frame for sample in known.samples] == [*range(5), *range(30, frame + 1)]
    assert known.track(1).best_frame >= 30


def test_a_face_that_is_being_covered_is_still_the_same_persons():
    person = _person(ANNA, range(30), live=True)
    for frame in range(30, 50):
        person.add(_sample(frame, ANNA + (frame - 30) * BERTA / 8), _pixels(frame))
        assert person.strayed([], _pixels(frame)) is None


def test_a_face_that_came_into_sight_half_covered_gives_all_its_samples():
    person = _person(BERTA * 3, range(10), live=True)
    for frame in range(10, 10 + WINDOW):
        person.add(_sample(frame, ANNA), _pixels(frame))
    other = person.strayed([], _pixels(frame))
    assert other is not None
    assert len(other.samples) == 10 + WINDOW
    assert person.samples == []
