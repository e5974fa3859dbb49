"""The network at work on photos: batches, crops and given landmarks."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from skimage import data

from dasl import FaceReconstructor
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.crop import square_crop_from_landmarks
from dasl.network.torch_network import TorchNetwork
from dasl.reconstruction.other_crops import crop_of_turned
from dasl.reconstruction.regression import COVERED_NME, FINEST_PX, FaceRequest, Regression
from dasl.reconstruction.regressor import Regressor
from space.reconstruct.describe import HIGH_CONFIDENCE
from tools.evaluate_turns import points_after_turn


def request_for(photo: np.ndarray, **changes: object) -> FaceRequest:
    crop = np.array([40.0, 30.0, 160.0, 150.0])
    values = {"photo": photo, "box": crop, "crop": crop, "recrop": False, **changes}
    return FaceRequest(**values)


def test_faces_of_different_photos_run_in_one_batch(constant_network, head_model, photo):
    regress = Regressor(TorchNetwork(constant_network), head_model)
    narrow = np.ascontiguousarray(photo[:, :170])
    together = regress([request_for(photo), request_for(narrow)])
    alone = regress([request_for(narrow)])
    np.testing.assert_allclose(
        together.landmarks_image[1:], alone.landmarks_image, rtol=1e-5, atol=1e-4
    )


def test_cores_share_many_faces_which_stay_in_order(
    constant_network, head_model, photo, monkeypatch
):
    network = TorchNetwork(constant_network)
    crops = [np.array([40.0, 30.0, 160.0, 150.0]) + shift for shift in range(17)]
    requests = [request_for(photo, crop=crop) for crop in crops]
    alone = Regressor(network, head_model)(requests)
    calls, original = [], TorchNetwork.__call__

    def counted(self: TorchNetwork, inputs: np.ndarray) -> np.ndarray:
        calls.append(len(inputs))
        return original(self, inputs)

    monkeypatch.setattr(TorchNetwork, "callers", 2)
    monkeypatch.setattr(TorchNetwork, "__call__", counted)
    together = Regressor(network, head_model)(requests)
    assert sorted(calls[:9]) == [5, 5, 5, 6, 6, 6, 6, 6, 6]  # three runs for each part
    np.testing.assert_allclose(together.landmarks_image, alone.landmarks_image, atol=1e-4)
    np.testing.assert_array_equal(together.confidence, alone.confidence)


@pytest.mark.usefixtures("from_one_distance")
def test_the_second_crop_follows_the_first_looks_landmarks(constant_network, head_model, photo):
    """The constant network fills any crop alike, so a wider second crop gives a larger face."""
    regress = Regressor(TorchNetwork(constant_network), head_model)
    kept = regress([request_for(photo)])
    recropped = regress([request_for(photo, recrop=True)])
    points = kept.landmarks_image[0, :, :2]
    side = np.sqrt(2) * np.ptp(points, axis=0).max()
    assert kept.coefficients.pose.scale.item() == pytest.approx(500.0, rel=1e-4)
    assert recropped.coefficients.pose.scale.item() == pytest.approx(500 * side / 120, rel=1e-3)


@pytest.mark.usefixtures("from_one_distance")
def test_given_landmarks_are_drawn_for_every_look(constant_network, head_model, photo, monkeypatch):
    regress = Regressor(TorchNetwork(constant_network), head_model)
    seen: list[np.ndarray] = []
    original = TorchNetwork.__call__

    def record(self: TorchNetwork, inputs: np.ndarray) -> np.ndarray:
        seen.append(inputs[:, 3:].copy())
        return original(self, inputs)

    monkeypatch.setattr(TorchNetwork, "__call__", record)
    given = np.full((68, 2), 100.0, dtype=np.float32)
    regress([request_for(photo, landmarks_image=given)])
    # All points at photo (100, 100): crop pixel (100 - 40, 100 - 30); in a mirror the second time.
    for maps, expected in zip(seen, ((60.0, 70.0), (59.0, 70.0), (60.0, 70.0)), strict=True):
        rows, columns = np.argwhere(maps[0, 0] > 0).mean(axis=0).tolist()
        assert (columns, rows) == expected


def answers(confidence: list[float], number: float) -> Regression:
    count = len(confidence)
    pose = Pose(
        np.tile(np.eye(3, dtype=np.float32), (count, 1, 1)),
        np.ones(count, dtype=np.float32),
        np.zeros((count, 2), dtype=np.float32),
    )
    shape = np.full((count, 2), number, dtype=np.float32)
    points = np.full((count, 68, 3), number, dtype=np.float32)
    covered = np.full((count, 2), number > 0)
    values = np.array(confidence, dtype=np.float32)
    return Regression(Coefficients(pose, shape, shape), points, values, covered)


def test_of_several_looks_the_clearly_most_confident_counts() -> None:
    first = answers([0.5, 0.78, 0.6, 0.4], 0.0)
    others = answers([0.78, 0.81, 0.8, 0.5], 1.0)
    others.landmarks_image[1] = 2.0
    best = first.or_better(others, np.array([0, 0, 1, 3]))
    assert best.confidence.tolist() == pytest.approx([0.81, 0.78, 0.6, 0.4])
    assert best.landmarks_image[:, 0, 0].tolist() == [2.0, 0.0, 0.0, 0.0]
    assert best.coefficients.identity[:, 0].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert best.covered[:, 0].tolist() == [True, False, False, False]


def test_a_small_face_is_never_trusted_much() -> None:
    found = answers([0.9, 0.9, 0.3], 0.0)
    sizes = np.array([300.0, 25.0, 25.0])
    found.landmarks_image[:, 0, :2] = sizes[:, None]
    expected = [0.9, 1 / (1 + (FINEST_PX / 25 / 0.07) ** 2), 0.3]
    assert found.as_sure_as_seen().confidence.tolist() == pytest.approx(expected)


def test_a_covered_face_is_never_called_high() -> None:
    found = answers([0.95, 0.95, 0.3], 0.0)
    found.landmarks_image[:, 0, :2] = 300.0
    found.covered[1:, 0] = True
    confidence = found.as_sure_as_seen().confidence
    assert confidence.tolist() == pytest.approx([0.95, 1 / (1 + (COVERED_NME / 0.07) ** 2), 0.3])
    assert confidence[1] < HIGH_CONFIDENCE


@pytest.mark.parametrize("turn_deg", [0.0, 45.0, 90.0, 180.0, -135.0])
def test_the_crop_of_a_turned_face_is_that_of_the_upright_one(turn_deg: float) -> None:
    """Turned about any point: the same side, and the centre where the turn takes it."""
    points = np.random.default_rng(0).uniform(50, 90, (68, 2))
    upright = square_crop_from_landmarks(points)
    turn = np.radians(turn_deg)
    clockwise = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    about = np.array([100.0, 40.0])
    crop = crop_of_turned((points - about) @ clockwise + about, turn)
    assert crop is not None
    assert crop[2] - crop[0] == pytest.approx(upright[2] - upright[0])
    middle = (upright[:2] + upright[2:]) / 2 - 0.5
    expected = (middle - about) @ clockwise + about + 0.5
    assert (crop[:2] + crop[2:]) / 2 == pytest.approx(expected)


def test_a_turned_answer_that_does_not_find_itself_again_is_doubted(
    constant_network, head_model, photo, monkeypatch
) -> None:
    regress = Regressor(TorchNetwork(constant_network), head_model)
    found = answers([0.9, 0.9, 0.9], 0.0)
    rotations = np.stack([np.diag(signs) for signs in ([-1, -1, 1], [-1, -1, 1], [1, 1, 1])])
    pose = replace(found.coefficients.pose, rotation=rotations.astype(np.float32))
    found = replace(found, coefficients=replace(found.coefficients, pose=pose))
    found.landmarks_image[:, :, :2] = np.random.default_rng(0).uniform(60, 140, (3, 68, 2))
    again = answers([0.85, 0.4], 1.0)
    monkeypatch.setattr(Regressor, "_regress", lambda self, requests, turns: again)
    repeated = regress._repeated([request_for(photo)] * 3, found, np.ones(3, dtype=bool))
    assert repeated.confidence.tolist() == pytest.approx([0.85, 0.4, 0.9])
    assert repeated.coefficients.identity[:, 0].tolist() == [1.0, 0.0, 0.0]


def test_an_unsure_face_is_asked_again_beside_its_rough_crop(
    constant_network, head_model, photo, monkeypatch
) -> None:
    """Only an answer inside the face's box is of this face, however sure another one is."""
    asked: list[FaceRequest] = []

    def beside(self: Regressor, requests: list[FaceRequest], turns: np.ndarray) -> Regression:
        asked.extend(requests)
        found = answers([0.9, 0.6, 0.45, 0.2, 0.2, 0.2], 100.0)
        found.landmarks_image[0] = 170.0  # a neighbour
        found.coefficients.identity[1] = 7.0
        return found

    monkeypatch.setattr(Regressor, "_regress", beside)
    regress = Regressor(TorchNetwork(constant_network), head_model)
    rough = request_for(photo, recrop=True)
    requests = [request_for(photo), rough, replace(rough, roll_deg=0.0)]
    first = answers([0.1, 0.1, 0.1], 0.0)
    free = np.array([True, True, False])
    found = regress._moved(requests, first, free)
    middles = [((crop[:2] + crop[2:]) / 2).tolist() for crop in (each.crop for each in asked)]
    assert middles == [[76, 90], [124, 90], [100, 66], [100, 114], [100, 90], [100, 90]]
    assert [each.crop[2] - each.crop[0] for each in asked[3:]] == pytest.approx([120, 90, 159.6])
    assert found.confidence.tolist() == pytest.approx([0.1, 0.6, 0.1])
    assert found.coefficients.identity[:, 0].tolist() == [0.0, 7.0, 0.0]
    sure = answers([0.1, 0.6, 0.1], 0.0)
    assert regress._moved(requests, sure, free) is sure


def test_an_unsure_answer_of_a_moved_crop_does_not_count(
    constant_network, head_model, photo, monkeypatch
) -> None:
    unsure = answers([0.29] * 6, 100.0)
    monkeypatch.setattr(Regressor, "_regress", lambda self, requests, turns: unsure)
    regress = Regressor(TorchNetwork(constant_network), head_model)
    found = regress._moved([request_for(photo, recrop=True)], answers([0.1], 0.0), np.array([True]))
    assert found.confidence.tolist() == pytest.approx([0.1])


@pytest.fixture(scope="module")
def reconstructor() -> FaceReconstructor:
    return FaceReconstructor.from_pretrained()


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """(512, 512, 3) uint8 RGB, one face around (224, 113)."""
    return data.astronaut()


@pytest.mark.parametrize("angle_deg", [45, 90, 135, 180, 225, 270, 315])
def test_a_turned_photo_gives_the_answer_of_the_upright_one(
    angle_deg: int, reconstructor: FaceReconstructor, astronaut: np.ndarray
) -> None:
    """The face is at the middle of a square, so that turning cuts nothing of it off."""
    photo = np.ascontiguousarray(astronaut[0:300, 75:375])
    turned = Image.fromarray(photo).rotate(-angle_deg, Image.Resampling.BICUBIC)
    upright, found = (reconstructor.regress(each) for each in (photo, turned))
    assert upright is not None and found is not None
    points = upright.landmarks_image[0, :, :2]
    expected = points_after_turn(points, angle_deg, photo.shape, photo.shape)
    size = np.sqrt(np.ptp(points, axis=0).prod())
    error = np.linalg.norm(found.landmarks_image[0, :, :2] - expected, axis=1).mean()
    assert error / size < 0.02
    rotations = [each.coefficients.pose.rotation[0] for each in (found, upright)]
    turn = rotations[0] @ rotations[1].T
    in_plane = np.degrees(np.arctan2(-turn[1, 0], turn[0, 0])) % 360
    assert in_plane == pytest.approx(angle_deg, abs=3.0)
    assert found.confidence[0] > 0.9 * upright.confidence[0]


def test_only_a_doubtful_face_is_turned(
    reconstructor: FaceReconstructor, astronaut: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    original = Regressor._regress

    def record(self: Regressor, requests: list[FaceRequest], turns_rad: np.ndarray) -> Regression:
        asked.append(np.degrees(turns_rad).round().tolist())
        return original(self, requests, turns_rad)

    monkeypatch.setattr(Regressor, "_regress", record)
    reconstructor.regress(astronaut)
    assert asked == [[0.0]]
    reconstructor.regress(np.ascontiguousarray(np.rot90(astronaut, 2)))
    assert asked[1:3] == [[0.0], [90.0, 180.0, 270.0]]
    asked.clear()
    reconstructor.regress(astronaut, boxes=[(0.0, 0.0, 60.0, 60.0)], rolls_deg=[100.0])
    assert asked == [[90.0]], "no face at all, but who says how it leans is believed"


@pytest.mark.parametrize("gain", [0.015, 0.03])
def test_a_nearly_black_face_is_found_fits_and_is_not_called_high(
    gain: float, reconstructor: FaceReconstructor, astronaut: np.ndarray
) -> None:
    noise = np.random.default_rng(0).normal(0.0, 1.0, astronaut.shape)
    dark = np.rint(astronaut * gain + noise).clip(0, 255).astype(np.uint8)
    lit, found = reconstructor.regress(astronaut), reconstructor.regress(dark)
    assert lit is not None and found is not None
    points = lit.landmarks_image[0, :, :2]
    error = np.linalg.norm(found.landmarks_image[0, :, :2] - points, axis=1).mean()
    assert error / np.sqrt(np.ptp(points, axis=0).prod()) < 0.03
    assert found.confidence[0] < HIGH_CONFIDENCE < lit.confidence[0]
