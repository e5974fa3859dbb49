"""Loss terms: values worked by hand, gradients checked in float64."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from dasl.errors import ShapeError
from dasl.network.landmark_map import MAP_POINTS
from dasl.training.losses import (
    CENTRAL_WEIGHT,
    SMOOTH_PX,
    bounds_loss,
    coefficient_importance,
    coefficient_loss,
    cycle_loss,
    face_size_px,
    handplaced_loss,
    landmark_consistency_2d_loss,
    landmark_consistency_3d_loss,
    landmark_loss,
    prior_loss,
    robust_distance,
    vertex_loss,
    wpdc_loss,
)


def numbers(*shape: int, seed: int = 0, scale: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64) * scale


def square_face() -> Tensor:
    """68 landmarks of which the box is 80 wide and 45 high: size 60."""
    points = torch.full((1, 68, 3), 50.0, dtype=torch.float64)
    points[0, 0, :2] = torch.tensor([20.0, 30.0])
    points[0, 1, :2] = torch.tensor([100.0, 75.0])
    return points


def test_face_size_is_the_root_of_the_box_and_has_a_floor() -> None:
    assert face_size_px(square_face()).item() == pytest.approx(60.0)
    assert face_size_px(torch.zeros(1, 68, 3)).item() == pytest.approx(30.0)


def test_a_shift_of_3_4_pixels_costs_its_length_over_the_size() -> None:
    truth = square_face()
    shift = torch.tensor([3.0, 4.0, 9.0], dtype=torch.float64)  # a shift in depth is free
    loss = landmark_loss(truth + shift, truth, torch.ones(68, dtype=torch.float64), 1.0)
    wanted = ((25 + SMOOTH_PX**2) ** 0.5 - SMOOTH_PX) / 60
    assert loss.item() == pytest.approx(wanted)


def test_point_weights_choose_which_points_count() -> None:
    truth = square_face()
    wrong = truth.clone()
    wrong[0, 5] += 10
    weight = torch.ones(68, dtype=torch.float64)
    weight[5] = 0
    assert landmark_loss(wrong, truth, weight, 0.0).item() == 0
    assert landmark_loss(wrong, truth, 1 - weight, 0.0).item() > 0.2


def test_invisible_points_and_ears_cost_nothing_even_when_nan() -> None:
    truth = numbers(2, 21, 2, scale=30)
    visible = torch.ones(2, 21, dtype=torch.bool)
    visible[:, 4] = False
    visible[1] = False
    predicted = truth.clone()
    predicted[:, 12] += 50
    given = truth.clone()
    given[:, 4] = torch.nan
    size = torch.full((2,), 60.0, dtype=torch.float64)
    assert handplaced_loss(predicted, given, visible, size).tolist() == [0, 0]
    predicted[:, 3] += 50
    eighteen = handplaced_loss(predicted, given, visible, size)
    assert eighteen[0].item() == pytest.approx(50 * 2**0.5 / 18 / 60, rel=0.01)


def test_importance_is_the_displacement_of_a_unit_error() -> None:
    mean = torch.tensor([[0.03, 0.0, 0.0], [-0.03, 0.0, 0.0]])
    identity = torch.tensor([[[0.0, 0.01, 0.0], [0.0, 0.01, 0.0]]])
    expression = torch.tensor([[[0.02, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    importance = coefficient_importance(mean, identity, expression, torch.full((11,), 2.0), 500.0)
    assert importance[6].item() == pytest.approx(30.0)  # 0.03 m * 500 px/m * 2
    assert importance[7:9].tolist() == [2.0, 2.0]
    assert importance[9].item() == pytest.approx(10.0)
    assert importance[10].item() == pytest.approx(20.0 / 2**0.5)


def test_coefficient_loss_weighs_by_importance() -> None:
    loss = coefficient_loss(torch.tensor([[2.0, 1.0]]), torch.zeros(1, 2), torch.tensor([3.0, 1.0]))
    assert loss.item() == pytest.approx((3 * 4 + 1 * 1) / 4)


def test_wpdc_weighs_by_displacement_and_ignores_its_unit() -> None:
    predicted, truth = torch.tensor([[2.0, 1.0], [5.0, 0.0]]), torch.zeros(2, 2)
    moved = torch.tensor([[3.0, 1.0], [0.0, 0.0]])
    loss = wpdc_loss(predicted, truth, moved)
    assert loss.tolist() == pytest.approx([(3 * 4 + 1 * 1) / 4, 0.0])
    torch.testing.assert_close(wpdc_loss(predicted, truth, moved * 10), loss)


def test_no_gradient_flows_through_the_weights_of_wpdc() -> None:
    moved = torch.ones(1, 2, requires_grad=True)
    wpdc_loss(torch.ones(1, 2, requires_grad=True), torch.zeros(1, 2), moved).sum().backward()
    assert moved.grad is None


def test_the_mask_favours_nose_tip_and_mouth_centre() -> None:
    heaviest = [MAP_POINTS[i] for i, weight in enumerate(CENTRAL_WEIGHT) if weight == 2.0]
    assert len(CENTRAL_WEIGHT) == len(MAP_POINTS) and heaviest == [(30,), (62, 66)]


def test_2d_consistency_counts_seen_points_under_the_mask() -> None:
    given = numbers(1, 18, 2, scale=30)
    predicted = given.clone()
    predicted[0, 13] += torch.tensor([30.0, 40.0])  # 50 pixels at the nose tip
    predicted[0, 0] += 1000.0
    seen = torch.ones(1, 18, dtype=torch.bool)
    seen[0, 0] = False
    size = torch.tensor([100.0], dtype=torch.float64)
    mask = torch.tensor(CENTRAL_WEIGHT, dtype=torch.float64)
    masked = landmark_consistency_2d_loss(predicted, given, seen, mask, size).item()
    even = cycle_loss(predicted, given, seen, size).item()
    assert masked == pytest.approx(0.5 * 2.0 / (sum(CENTRAL_WEIGHT) - 0.5), rel=0.01)
    assert even == pytest.approx(0.5 / 17, rel=0.01)
    unseen = torch.zeros_like(seen)
    assert landmark_consistency_2d_loss(predicted, given, unseen, mask, size).item() == 0


def test_3d_consistency_counts_depth_like_x_and_y() -> None:
    first = numbers(2, 68, 3, scale=30)
    size = torch.full((2,), 60.0, dtype=torch.float64)
    assert landmark_consistency_3d_loss(first, first, size).tolist() == [0, 0]
    moves = torch.eye(3, dtype=torch.float64) * 6
    losses = [landmark_consistency_3d_loss(first, first + move, size)[0].item() for move in moves]
    assert losses == pytest.approx([0.1] * 3, rel=0.05) and losses[0] == losses[2]


def test_prior_and_bounds_by_hand() -> None:
    assert prior_loss(torch.tensor([[1.0, 3.0]])).item() == pytest.approx(5.0)
    assert bounds_loss(torch.tensor([[-0.5, 0.5, 1.2]])).item() == pytest.approx(0.29)


def test_vertex_loss_ignores_a_shift() -> None:
    face = numbers(2, 30, 3, scale=0.05)
    assert vertex_loss(face + 0.3, face).abs().max() < 1e-9
    assert vertex_loss(face * 1.1, face).min() > 0.01


GRADIENT_CASES: dict[str, tuple[Callable[..., Tensor], tuple[Tensor, ...]]] = {
    "robust_distance": (lambda d: robust_distance(d, 0.25), (numbers(3, 4, 2),)),
    "landmark": (
        lambda p: landmark_loss(p, numbers(2, 68, 3, scale=40), numbers(68).abs(), 0.3),
        (numbers(2, 68, 3, seed=1, scale=40),),
    ),
    "handplaced": (
        lambda p: handplaced_loss(
            p,
            numbers(2, 21, 2, scale=40),
            numbers(2, 21) > 0,
            torch.full((2,), 60.0, dtype=torch.float64),
        ),
        (numbers(2, 21, 2, seed=1, scale=40),),
    ),
    "coefficient": (
        lambda r: coefficient_loss(r, numbers(2, 14), numbers(14).abs()),
        (numbers(2, 14, seed=1),),
    ),
    "wpdc": (
        lambda r: wpdc_loss(r, numbers(2, 14), numbers(2, 14, seed=2).abs()),
        (numbers(2, 14, seed=1),),
    ),
    "consistency_2d": (
        lambda p: landmark_consistency_2d_loss(
            p,
            numbers(2, 18, 2, scale=40),
            numbers(2, 18) > -1,
            torch.tensor(CENTRAL_WEIGHT, dtype=torch.float64),
            torch.full((2,), 60.0, dtype=torch.float64),
        ),
        (numbers(2, 18, 2, seed=1, scale=40),),
    ),
    "consistency_3d": (
        lambda a, b: landmark_consistency_3d_loss(a, b, torch.full((2,), 60.0).double()),
        (numbers(2, 9, 3, scale=40), numbers(2, 9, 3, seed=1, scale=40)),
    ),
    "cycle": (
        lambda p: cycle_loss(
            p,
            numbers(2, 18, 2, scale=40),
            numbers(2, 18) > -1,
            torch.full((2,), 60.0, dtype=torch.float64),
        ),
        (numbers(2, 18, 2, seed=1, scale=40),),
    ),
    "prior": (prior_loss, (numbers(2, 3),)),
    "bounds": (bounds_loss, (numbers(2, 5),)),
    "vertex": (lambda v: vertex_loss(v, numbers(2, 12, 3)), (numbers(2, 12, 3, seed=1),)),
}


@pytest.mark.parametrize("name", GRADIENT_CASES)
def test_gradients_are_exact(name: str) -> None:
    term, inputs = GRADIENT_CASES[name]
    leaves = tuple(value.clone().requires_grad_() for value in inputs)
    assert torch.autograd.gradcheck(term, leaves)


def test_losses_are_one_value_a_sample() -> None:
    predicted, truth = numbers(3, 68, 3, scale=30), numbers(3, 68, 3, seed=1, scale=30)
    weight = torch.ones(68, dtype=torch.float64)
    whole = landmark_loss(predicted, truth, weight, 0.5)
    assert whole.shape == (3,)
    single = landmark_loss(predicted[1:2], truth[1:2], weight, 0.5)
    torch.testing.assert_close(whole[1:2], single)


def test_a_wrong_shape_is_named() -> None:
    with pytest.raises(ShapeError, match="predicted_crop must be"):
        landmark_loss(torch.zeros(2, 68, 2), torch.zeros(2, 68, 3), torch.ones(68), 1.0)
    with pytest.raises(ShapeError, match="target_raw must be"):
        coefficient_loss(torch.zeros(2, 5), torch.zeros(2, 6), torch.ones(5))
