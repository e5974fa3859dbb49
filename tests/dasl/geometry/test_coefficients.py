"""Rotations, angles, and the packing of coefficients in one vector."""

import itertools

import pytest
import torch
from torch import Tensor

from dasl.geometry.coefficients import (
    POSE_COUNT,
    Coefficients,
    Pose,
    Whitening,
    decode,
    encode,
    pack,
    unpack,
)
from dasl.geometry.rotation import (
    euler_deg_from_rotation,
    rotation_from_6d,
    rotation_from_euler_deg,
)

K, E = 4, 3
NOSE = torch.tensor([0.0, 0.0, 1.0])
CROWN = torch.tensor([0.0, 1.0, 0.0])


@pytest.fixture
def coefficients() -> Coefficients:
    """Six faces, float64."""
    generator = torch.Generator().manual_seed(3)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    pose = Pose(
        rotation_from_euler_deg(40 * normal(6, 3)), 400 * normal(6).exp(), 60 * normal(6, 2)
    )
    expression = torch.rand(6, E, generator=generator, dtype=torch.float64)
    return Coefficients(pose, normal(6, K), expression)


@pytest.fixture
def whitening() -> Whitening:
    generator = torch.Generator().manual_seed(4)
    count = POSE_COUNT + K + E
    mean = torch.randn(count, generator=generator, dtype=torch.float64)
    return Whitening(mean, 0.1 + torch.rand(count, generator=generator, dtype=torch.float64))


def _rotation(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Tensor:
    return rotation_from_euler_deg(torch.tensor([[yaw, pitch, roll]]))[0]


def _assert_same(actual: Coefficients, wanted: Coefficients) -> None:
    torch.testing.assert_close(actual.pose.rotation, wanted.pose.rotation)
    torch.testing.assert_close(actual.pose.scale, wanted.pose.scale)
    torch.testing.assert_close(actual.pose.translation, wanted.pose.translation)
    torch.testing.assert_close(actual.identity, wanted.identity)
    torch.testing.assert_close(actual.expression, wanted.expression)


def test_no_angle_is_no_turn() -> None:
    torch.testing.assert_close(_rotation(), torch.eye(3))


def test_yaw_is_positive_when_the_nose_points_to_the_images_left() -> None:
    # sin 30 degrees = 0.5 to the left, cos 30 degrees towards us.
    torch.testing.assert_close(_rotation(yaw=30) @ NOSE, torch.tensor([-0.5, 0.0, 0.75**0.5]))


def test_pitch_is_positive_when_the_nose_points_up() -> None:
    torch.testing.assert_close(_rotation(pitch=30) @ NOSE, torch.tensor([0.0, 0.5, 0.75**0.5]))


def test_roll_is_positive_when_the_head_leans_to_the_images_left() -> None:
    torch.testing.assert_close(_rotation(roll=30) @ CROWN, torch.tensor([-0.5, 0.75**0.5, 0.0]))


def test_angles_round_trip_over_a_grid() -> None:
    grid = itertools.product(range(-175, 176, 35), range(-85, 86, 17), range(-170, 171, 34))
    angles = torch.tensor(list(grid), dtype=torch.float64)
    actual = euler_deg_from_rotation(rotation_from_euler_deg(angles))
    torch.testing.assert_close(actual, angles, rtol=0, atol=1e-6)


def test_rotations_round_trip_through_angles(coefficients: Coefficients) -> None:
    rotation = coefficients.pose.rotation
    actual = rotation_from_euler_deg(euler_deg_from_rotation(rotation))
    torch.testing.assert_close(actual, rotation)


@pytest.mark.parametrize("pitch", [90.0, -90.0])
def test_angles_of_a_vertical_gaze_are_finite_and_near_the_pitch(pitch: float) -> None:
    actual = euler_deg_from_rotation(_rotation(pitch=pitch)[None])[0]
    assert actual.isfinite().all()
    torch.testing.assert_close(actual[1], torch.tensor(pitch), rtol=0, atol=0.1)


def test_any_six_numbers_give_a_rotation() -> None:
    six = torch.randn(500, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    rotation = rotation_from_6d(six)
    identity = torch.eye(3, dtype=torch.float64).expand(500, 3, 3)
    torch.testing.assert_close(rotation @ rotation.transpose(1, 2), identity)
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(500, dtype=torch.float64))


def test_the_first_two_rows_of_a_rotation_give_it_back(coefficients: Coefficients) -> None:
    rotation = coefficients.pose.rotation
    torch.testing.assert_close(rotation_from_6d(rotation[:, :2].reshape(-1, 6)), rotation)


def test_gram_schmidt_keeps_the_first_direction_and_ignores_lengths() -> None:
    actual = rotation_from_6d(torch.tensor([[3.0, 0, 0, 5.0, 2.0, 0]]))
    torch.testing.assert_close(actual, torch.eye(3)[None])


def test_rotation_from_6d_has_the_gradient_of_its_formula() -> None:
    six = torch.randn(3, 6, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    assert torch.autograd.gradcheck(rotation_from_6d, six.requires_grad_())


def test_pack_puts_numbers_where_the_layout_says() -> None:
    pose = Pose(_rotation(yaw=90)[None], torch.tensor([100.0]), torch.tensor([[7.0, 8.0]]))
    packed = pack(Coefficients(pose, torch.tensor([[1.5, -2.5]]), torch.tensor([[0.25]])))
    log_of_100 = 4.605170
    wanted = [0.0, 0, -1, 0, 1, 0, log_of_100, 7, 8, 1.5, -2.5, 0.25]
    torch.testing.assert_close(packed, torch.tensor([wanted]), rtol=0, atol=1e-6)


def test_unpack_gives_back_what_was_packed(coefficients: Coefficients) -> None:
    _assert_same(unpack(pack(coefficients), K), coefficients)


def test_decode_gives_back_what_was_encoded(
    coefficients: Coefficients, whitening: Whitening
) -> None:
    _assert_same(decode(encode(coefficients, whitening), whitening, K), coefficients)


def test_encode_gives_back_a_raw_vector_whose_coefficients_are_valid(
    coefficients: Coefficients, whitening: Whitening
) -> None:
    raw = encode(coefficients, whitening)
    torch.testing.assert_close(encode(decode(raw, whitening, K), whitening), raw)


def test_a_raw_vector_of_zeros_is_the_mean(whitening: Whitening) -> None:
    raw = torch.zeros(1, POSE_COUNT + K + E, dtype=torch.float64)
    actual = decode(raw, whitening, K)
    torch.testing.assert_close(actual.pose.scale[0], whitening.mean[6].exp())
    torch.testing.assert_close(actual.pose.translation[0], whitening.mean[7:9])
    torch.testing.assert_close(actual.identity[0], whitening.mean[9 : 9 + K])


def test_wild_network_output_decodes_to_finite_valid_coefficients(whitening: Whitening) -> None:
    raw = torch.randn(50, POSE_COUNT + K + E, generator=torch.Generator().manual_seed(7)) * 1e3
    actual = decode(raw.double(), whitening, K)
    assert actual.pose.scale.isfinite().all()
    assert (actual.pose.scale > 0).all()
    assert ((actual.expression >= 0) & (actual.expression <= 1)).all()
    torch.testing.assert_close(
        torch.linalg.det(actual.pose.rotation), torch.ones(50, dtype=torch.float64)
    )


def test_decode_has_the_gradient_of_its_formula(
    coefficients: Coefficients, whitening: Whitening
) -> None:
    def flat(raw: Tensor) -> Tensor:
        return pack(decode(raw, whitening, K))

    raw = encode(coefficients, whitening).requires_grad_()
    assert torch.autograd.gradcheck(flat, raw)


def test_packing_leaves_its_input_unchanged(
    coefficients: Coefficients, whitening: Whitening
) -> None:
    before = pack(coefficients).clone()
    decode(encode(coefficients, whitening), whitening, K).expression.add_(1.0)
    assert torch.equal(pack(coefficients), before)


def test_rows_takes_the_same_faces_of_every_tensor(coefficients: Coefficients) -> None:
    torch.testing.assert_close(pack(coefficients.rows(2, 5)), pack(coefficients)[2:5])
