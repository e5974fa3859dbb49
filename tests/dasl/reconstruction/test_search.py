"""The second look: suspected faces count where their reconstruction is believed."""

import numpy as np
import pytest

from dasl.photo.detector import Detection
from dasl.reconstruction.regression import FaceRequest, Regression
from dasl.reconstruction.search import Found, main_face_found, second_look
from tests.dasl.reconstruction.test_regressor import answers

PHOTO = np.zeros((400, 400, 3), np.uint8)
CENTRAL, BESIDE = (150.0, 150.0, 250.0, 250.0), (0.0, 0.0, 60.0, 60.0)
CONFIDENCES = {CENTRAL: 0.9, BESIDE: 0.9}


class Suspecting:
    """A detector that finds and suspects what it is told to."""

    def __init__(self, found: list[tuple[float, ...]], suspected: list[tuple[float, ...]]) -> None:
        self._found, self._suspected = found, suspected
        self.asked_again = False
        self.quarters: int | None = None

    def __call__(self, image: np.ndarray) -> list[Detection]:
        return [Detection(box, 1.0) for box in self._found]

    def suspected(self, image: np.ndarray, quarters: int | None = None) -> list[Detection]:
        self.asked_again, self.quarters = True, quarters
        return [Detection(box, 0.4) for box in self._suspected]


def regressor(confidences: dict[tuple[float, ...], float]):  # type: ignore[no-untyped-def]
    """Landmarks along the diagonal of each box, with these confidences."""

    def predict(requests: list[FaceRequest]) -> Regression:
        found = answers([confidences[tuple(request.box)] for request in requests], 0.0)
        for row, request in enumerate(requests):
            x = np.linspace(request.box[0], request.box[2], 68)
            y = np.linspace(request.box[1], request.box[3], 68)
            found.landmarks_image[row, :, :2] = np.stack([x, y], axis=1)
        return found

    return predict


def first(predict, boxes: list[tuple[float, ...]]) -> Found:  # type: ignore[no-untyped-def]
    requests = [FaceRequest(PHOTO, np.array(box), np.array(box), True) for box in boxes]
    return Found(requests, predict(requests) if requests else None)


def boxes_of(found: Found) -> list[tuple[float, ...]]:
    return [tuple(request.box) for request in found.requests]


def test_a_believed_face_is_enough():
    predict = regressor(CONFIDENCES)
    detector = Suspecting([CENTRAL], [BESIDE])
    found = second_look(PHOTO, detector, predict, first(predict, [CENTRAL]))
    assert boxes_of(found) == [CENTRAL]
    assert not detector.asked_again


@pytest.mark.parametrize(
    ("roll_deg", "quarters"), [(80, 1), (180, 2), (-170, 2), (-90, 3), (40, None)]
)
def test_where_the_surest_face_is_turned_the_others_are_looked_for_upright(roll_deg, quarters):
    """The detector may have missed them."""

    def predict(requests: list[FaceRequest]) -> Regression:
        found = regressor(CONFIDENCES)(requests)
        # Image y points down: a clockwise roll is a negative turn in the model's frame.
        cos, sin = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
        found.coefficients.pose.rotation[:] = [[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]]
        return found

    detector = Suspecting([CENTRAL], [BESIDE])
    found = second_look(PHOTO, detector, predict, first(predict, [CENTRAL]))
    assert detector.quarters == quarters
    assert (BESIDE in boxes_of(found)) is (quarters is not None)


def test_where_no_face_was_found_a_believed_suspect_is_one():
    predict = regressor({CENTRAL: 0.9, BESIDE: 0.3})
    found = second_look(PHOTO, Suspecting([], [BESIDE, CENTRAL]), predict, Found([], None))
    assert boxes_of(found) == [CENTRAL]
    assert found.regression is not None and len(found.regression.confidence) == 1


def test_suspects_that_nobody_believes_are_no_faces():
    predict = regressor({CENTRAL: 0.4, BESIDE: 0.3})
    found = second_look(PHOTO, Suspecting([], [BESIDE, CENTRAL]), predict, Found([], None))
    assert found.regression is None and found.requests == []


def test_a_doubted_face_gives_way_to_a_believed_one_at_its_place_only():
    poor, better = (140.0, 150.0, 260.0, 260.0), CENTRAL
    predict = regressor({poor: 0.2, BESIDE: 0.3, better: 0.8})
    detector = Suspecting([poor, BESIDE], [better])
    found = second_look(PHOTO, detector, predict, first(predict, [poor, BESIDE]))
    assert boxes_of(found) == [better, BESIDE], "largest first"
    assert found.regression.confidence.tolist() == pytest.approx([0.8, 0.3])


def test_a_suspect_does_not_replace_the_more_confident_face_at_its_place():
    shifted = (5.0, 5.0, 60.0, 60.0)
    predict = regressor({BESIDE: 0.9, shifted: 0.7})
    found = main_face_found(PHOTO, Suspecting([BESIDE], [shifted]), predict)
    assert boxes_of(found) == [BESIDE]


def test_two_suspects_on_one_face_are_one_face():
    shifted = (155.0, 152.0, 255.0, 252.0)
    predict = regressor({CENTRAL: 0.7, shifted: 0.8})
    found = second_look(PHOTO, Suspecting([], [CENTRAL, shifted]), predict, Found([], None))
    assert boxes_of(found) == [shifted]


def test_a_detector_that_suspects_nothing_is_asked_once():
    predict = regressor(CONFIDENCES)
    assert second_look(PHOTO, lambda image: [], predict, Found([], None)).regression is None


def test_the_main_face_of_a_photo_of_two_is_the_missed_one_at_the_centre():
    predict = regressor(CONFIDENCES)
    found = main_face_found(PHOTO, Suspecting([BESIDE], [CENTRAL]), predict)
    assert boxes_of(found) == [CENTRAL]
    unbelieved = regressor({BESIDE: 0.9, CENTRAL: 0.3})
    found = main_face_found(PHOTO, Suspecting([BESIDE], [CENTRAL]), unbelieved)
    assert boxes_of(found) == [BESIDE]


@pytest.mark.parametrize(("confidence", "expected"), [(0.55, CENTRAL), (0.45, BESIDE)])
def test_at_the_centre_the_main_face_needs_less_confidence(confidence, expected):
    """A covered face in the middle counts, though a clear one stands beside it."""
    predict = regressor({BESIDE: 0.9, CENTRAL: confidence})
    found = main_face_found(PHOTO, Suspecting([BESIDE], [CENTRAL]), predict)
    assert boxes_of(found) == [expected]
    aside = (260.0, 150.0, 360.0, 250.0)
    predict = regressor({BESIDE: 0.9, aside: confidence})
    found = main_face_found(PHOTO, Suspecting([BESIDE], [aside]), predict)
    assert boxes_of(found) == [BESIDE]
    alone = second_look(
        PHOTO, Suspecting([], [CENTRAL]), regressor({CENTRAL: 0.55}), Found([], None)
    )
    assert alone.regression is None, "where all faces are asked for, none is expected anywhere"


def test_a_believed_face_at_the_centre_is_the_main_one_without_a_second_look():
    detector = Suspecting([CENTRAL, BESIDE], [])
    assert boxes_of(main_face_found(PHOTO, detector, regressor(CONFIDENCES))) == [CENTRAL]
    assert not detector.asked_again
