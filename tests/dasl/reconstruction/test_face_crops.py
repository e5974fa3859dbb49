"""Rough crops, the right ones that follow from them, and what the first pass keeps."""

import numpy as np
import pytest
from skimage import data

from dasl import FaceReconstructor
from dasl.geometry.coefficients import POSE_COUNT, Whitening, decode
from dasl.geometry.crop import square_crop_from_landmarks
from dasl.geometry.frames import image_from_crop
from dasl.geometry.similarity import transform_points, turned
from dasl.head.projection import landmarks68_image
from dasl.reconstruction.face_crops import NEAR_SHIFT, NEAR_ZOOM, far_apart, recropped
from dasl.reconstruction.regression import FaceRequest

PHOTO = np.zeros((300, 400, 3), np.uint8)
ROUGH = np.array([40.0, 30.0, 200.0, 190.0])


def request(recrop: bool) -> FaceRequest:
    return FaceRequest(PHOTO, ROUGH, ROUGH, recrop)


def moved(shift: float = 0.0, zoom: float = 1.0) -> np.ndarray:
    """The rough crop, shifted right by a share of its side, then zoomed about its centre."""
    middle, half = (ROUGH[:2] + ROUGH[2:]) / 2, zoom * (ROUGH[2] - ROUGH[0]) / 2
    middle += np.array([2 * half * shift, 0.0])
    return np.concatenate([middle - half, middle + half])


def test_a_crop_is_far_off_by_its_place_or_its_size() -> None:
    near = [moved(0.9 * NEAR_SHIFT), moved(zoom=0.95 * NEAR_ZOOM), moved(zoom=1 / 0.95 / NEAR_ZOOM)]
    far = [moved(-1.1 * NEAR_SHIFT), moved(zoom=1.05 * NEAR_ZOOM), moved(zoom=0.95 / NEAR_ZOOM)]
    found = far_apart(np.stack([ROUGH] * 6), np.stack(near + far))
    assert found.tolist() == [False] * 3 + [True] * 3


@pytest.mark.parametrize("turn_deg", [0.0, 90.0])
def test_an_answer_on_a_rough_crop_stays_where_it_was_on_the_photo(head_model, turn_deg) -> None:
    count = POSE_COUNT + head_model.identity_count + head_model.expression_count
    mean = np.zeros(count, np.float32)
    mean[[0, 4]], mean[6], mean[7:9] = 1.0, np.log(450.0), 60.0
    whitening = Whitening(mean, np.ones(count, np.float32))
    random = np.random.default_rng(3)
    first = random.normal(0.0, 0.1, (2, count)).astype(np.float32)
    upright = turned(np.full(2, -np.radians(turn_deg), np.float32))
    rough = np.stack([ROUGH] * 2).astype(np.float32)

    def in_photo(raw: np.ndarray, crops: np.ndarray) -> np.ndarray:
        seen = landmarks68_image(head_model, decode(raw, whitening, head_model.identity_count))
        back = transform_points(seen, upright.inverse())
        return image_from_crop(back, crops.astype(np.float32))

    crops, answers = recropped(
        [request(recrop=True), request(recrop=False)], first, whitening, head_model, upright
    )
    points = in_photo(first, rough)
    np.testing.assert_allclose(in_photo(answers, crops), points, atol=0.01)
    np.testing.assert_allclose(crops[0], square_crop_from_landmarks(points[0, :, :2]))
    np.testing.assert_array_equal(crops[1], ROUGH)
    np.testing.assert_array_equal(answers[1], first[1])
    assert not np.allclose(answers[0, :POSE_COUNT], first[0, :POSE_COUNT], atol=0.01)


def test_a_rough_crop_costs_a_look_only_if_it_is_far_off(monkeypatch) -> None:
    reconstructor = FaceReconstructor.from_pretrained(device="cpu")
    photo = data.astronaut()
    (face,) = reconstructor(photo)
    network, looks = reconstructor._regressor._network, []
    original = type(network).__call__

    def counted(self: object, images: np.ndarray) -> np.ndarray:
        looks.append(len(images))
        return original(self, images)

    monkeypatch.setattr(type(network), "__call__", counted)
    close = reconstructor(photo, boxes=[face.box])
    assert looks == [1, 1, 1]
    looks.clear()
    far = reconstructor(photo, boxes=[face.box + np.array([-30.0, -30.0, 30.0, 30.0])])
    assert looks == [1, 1, 1, 1]
    for found in (close, far):
        apart = np.linalg.norm(found[0].landmarks[:, :2] - face.landmarks[:, :2], axis=1)
        assert apart.mean() < 0.015 * np.ptp(face.landmarks[:, :2], axis=0).max()
