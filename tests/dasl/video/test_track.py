"""Following faces: the same numbers as frame by frame, and people keep their numbers."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from dasl.photo.load import load_photo
from dasl.video.clip import ClipError, Frame
from dasl.video.samples import Track
from dasl.video.track import DETECT_EVERY, track_clip
from tests.dasl.video.moving_head import (
    EXAMPLE,
    RATE,
    moving_head,
    reconstructor,
    unsmoothed_track,
)

pytestmark = pytest.mark.long

HOPPER = EXAMPLE.with_name("hopper.jpg")
FACES = {EXAMPLE: (150, 0, 300, 190), HOPPER: (150, 60, 410, 400)}


class CountingDetector:
    """The reconstructor's own, and how often it was asked."""

    def __init__(self) -> None:
        self.inner, self.count = reconstructor().detector, 0

    def __call__(self, image: np.ndarray) -> list:
        self.count += 1
        return self.inner(image)


def nme(found: np.ndarray, wanted: np.ndarray) -> float:
    """Mean over frames of the mean distance over the size of the face; (N, 68, 2 or 3) each."""
    size = np.sqrt(np.prod(np.ptp(wanted[..., :2], axis=1), axis=1))
    apart = np.linalg.norm(found[..., :2] - wanted[..., :2], axis=-1).mean(axis=1)
    return float((apart / size).mean())


def landmarks_of(track: Track) -> np.ndarray:
    return np.stack([sample.landmarks for sample in track.samples])


def _portrait(path: Path, width: int) -> np.ndarray:
    x0, y0, x1, y1 = FACES[path]
    part = load_photo(path)[y0:y1, x0:x1]
    return cv2.resize(part, (width, round(width * len(part) / part.shape[1])))


def _pasted(index: int, *placed: tuple[np.ndarray, int]) -> Frame:
    """A grey frame of 480x200 with pictures at columns."""
    pixels = np.full((200, 480, 3), 128, np.uint8)
    for picture, left in placed:
        first, last = max(left, 0), min(left + picture.shape[1], 480)
        if first < last:
            pixels[10 : 10 + len(picture), first:last] = picture[:, first - left : last - left]
    return Frame(index, index / RATE, pixels)


def _frames_of(track: Track) -> set[int]:
    return {sample.frame for sample in track.samples}


def test_landmarks_are_those_of_a_run_frame_by_frame_and_of_the_truth():
    clip, track = moving_head(30), unsmoothed_track()
    assert len(track.samples) == 30
    some = slice(0, 30, 4)
    single = [reconstructor()(frame.pixels, strict=True)[0] for frame in clip.frames[some]]
    wanted = np.stack([face.landmarks for face in single])
    assert nme(landmarks_of(track)[some], wanted) < 0.02
    assert nme(landmarks_of(track), clip.landmarks) < 0.02


def test_a_face_is_detected_once_and_then_followed(monkeypatch):
    detector = CountingDetector()
    monkeypatch.setattr(reconstructor(), "detector", detector)
    clip = moving_head(30)
    track_clip(clip.frames, reconstructor())
    assert detector.count == 30 / DETECT_EVERY


def test_a_head_that_turns_to_both_sides_is_one_person():
    clip = moving_head(48)  # frames 15 and 45 are turned farthest
    (track,) = track_clip(clip.frames, reconstructor()).tracks
    assert len(track.samples) == 48
    assert np.ptp([sample.angles_deg[0] for sample in track.samples]) > 35


def test_the_best_frame_is_the_most_frontal_one():
    clip, track = moving_head(30), unsmoothed_track()
    turned = {sample.frame: abs(sample.angles_deg[0]) for sample in track.samples}
    assert turned[track.best_frame] < np.median(list(turned.values()))
    np.testing.assert_array_equal(track.best_pixels, clip.frames[track.best_frame].pixels)


def test_two_people_keep_their_numbers_when_one_leaves_and_returns_elsewhere():
    one, two = _portrait(EXAMPLE, 130), _portrait(HOPPER, 120)
    frames = [_pasted(index, (one, 20 - 6 * index), (two, 180)) for index in range(30)]
    frames += [_pasted(index, (two, 180)) for index in range(30, 50)]
    frames += [_pasted(index, (one, 330), (two, 180)) for index in range(50, 70)]
    tracks = track_clip(frames, reconstructor()).tracks
    assert len(tracks) == 2
    leaving, staying = sorted(tracks, key=lambda track: len(track.samples))
    assert {leaving.number, staying.number} == {1, 2}
    assert _frames_of(staying) == set(range(70))
    assert set(range(10)) <= _frames_of(leaving)
    assert not _frames_of(leaving) & set(range(30, 50))
    assert set(range(56, 70)) <= _frames_of(leaving)


def test_another_person_in_the_same_place_gets_a_number_of_their_own():
    one, two = _portrait(EXAMPLE, 130), _portrait(HOPPER, 130)
    frames = [_pasted(index, (one, 150)) for index in range(8)]
    frames += [_pasted(index) for index in range(8, 30)]
    frames += [_pasted(index, (two, 150)) for index in range(30, 40)]
    first, second = track_clip(frames, reconstructor()).tracks
    assert max(_frames_of(first)) < 30 <= min(_frames_of(second))


def test_a_cut_to_another_face_in_the_same_place_is_another_person():
    one, two = _portrait(EXAMPLE, 130), _portrait(HOPPER, 130)
    shots = [(one, range(12)), (two, range(12, 24)), (one, range(24, 36))]
    frames = [_pasted(index, (face, 150)) for face, shot in shots for index in shot]
    first, second = track_clip(frames, reconstructor()).tracks
    assert _frames_of(first) == {*range(12), *range(24, 36)}
    assert _frames_of(second) == set(range(12, 24))


def test_people_keep_their_numbers_when_one_passes_before_the_other():
    one, two = _portrait(EXAMPLE, 130), _portrait(HOPPER, 120)
    frames = [_pasted(index, (two, 180), (one, 5 * index - 20)) for index in range(70)]
    covered, passing = track_clip(frames, reconstructor()).tracks
    if _frames_of(covered) == set(range(70)):
        covered, passing = passing, covered
    assert _frames_of(passing) == set(range(70))
    assert _frames_of(covered) >= {*range(15), *range(62, 70)}
    assert not _frames_of(covered) & set(range(38, 44))


def test_a_clip_of_one_frame_has_its_person():
    (track,) = track_clip(moving_head(30).frames[:1], reconstructor()).tracks
    assert [sample.frame for sample in track.samples] == [0]


def test_a_clip_without_a_face_has_no_track():
    found = track_clip([_pasted(index) for index in range(6)], reconstructor())
    assert found.tracks == ()
    assert found.frame_count == 6


def test_frames_before_a_damage_are_used_and_the_damage_is_told():
    def broken():
        yield from moving_head(30).frames[:6]
        raise ClipError("damaged")

    found = track_clip(broken(), reconstructor())
    assert (found.frame_count, len(found.tracks[0].samples)) == (6, 6)
    assert str(found.damage) == "damaged"


def test_damage_at_the_first_frame_is_an_error():
    def broken():
        raise ClipError("damaged")
        yield

    with pytest.raises(ClipError):
        track_clip(broken(), reconstructor())
