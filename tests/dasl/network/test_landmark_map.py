import math

import numpy as np
import pytest
import torch

from dasl.errors import ShapeError
from dasl.head.landmarks import MAP_POINTS
from dasl.network.landmark_map import (
    BLANK,
    DOT_SIGMA_PX,
    blank_map,
    draw_landmark_map,
    map_points_from_21,
    map_points_from_68,
)

BLANK_MAP = blank_map(torch.zeros(1, 3, 120, 120))


def _one_point(x: float, y: float) -> torch.Tensor:
    points = torch.full((1, 18, 2), math.nan)
    points[0, 0] = torch.tensor([x, y])
    return points


def test_picks_are_those_of_the_paper() -> None:
    indices = torch.arange(68.0)[None, :, None].expand(1, 68, 3)
    picked = map_points_from_68(indices)[0, :, 0].tolist()
    assert picked == [17, 19, 21, 22, 24, 26, 36, 38.5, 39, 42, 44.5, 45, 31, 30, 35, 48, 64, 54]


def test_picking_drops_depth_and_keeps_the_input() -> None:
    points = torch.rand(2, 68, 3)
    before = points.clone()
    assert map_points_from_68(points).shape == (2, 18, 2)
    assert torch.equal(points, before)


def test_hand_placed_points_land_on_the_same_entries() -> None:
    # Each of the 21 carries the number of its equal among the 68; eye and mouth centres have two.
    equals = [17, 19, 21, 22, 24, 26, 36, 38.5, 39, 42, 44.5, 45, -1, 31, 30, 35, -1, 48, 64, 54, 8]
    points = torch.tensor(equals)[None, :, None].expand(1, 21, 2)
    picked, drawn = map_points_from_21(points, torch.ones(1, 21, dtype=torch.bool))
    wanted = map_points_from_68(torch.arange(68.0)[None, :, None].expand(1, 68, 2))
    assert torch.equal(picked, wanted)
    left_out = [MAP_POINTS[index] for index in (~drawn[0]).nonzero()[:, 0].tolist()]
    assert left_out == [(31,), (35,)]


def test_points_that_are_not_visible_are_not_drawn() -> None:
    visible = torch.ones(1, 21, dtype=torch.int64)
    visible[0, 14] = 0  # nose tip
    _, drawn = map_points_from_21(torch.zeros(1, 21, 2), visible)
    assert drawn.dtype == torch.bool
    assert not drawn[0, MAP_POINTS.index((30,))]
    assert drawn.sum() == 15


def test_dot_is_a_gaussian_about_its_point() -> None:
    drawn = draw_landmark_map(_one_point(40.25, 70.0))[0, 0]
    assert drawn.shape == (120, 120)
    distance = math.hypot(42 - 40.25, 71 - 70.0)  # column 42, row 71
    wanted = -1 + 2 * math.exp(-(distance**2) / (2 * DOT_SIGMA_PX**2))
    assert drawn[71, 42].item() == pytest.approx(wanted, abs=1e-6)
    assert drawn[10, 10].item() == BLANK


def test_no_number_of_a_map_is_denormal() -> None:
    """Products of denormal numbers are slow; tails too faint to change the map are left out."""
    points = np.tile(np.float32([[17.0, 60.5]]), (1, 18, 1))
    with np.errstate(under="raise"):
        drawn = draw_landmark_map(points)[0, 0]
    distance = np.arange(120) - 17.0
    wanted = 2.0 * np.exp(-(distance**2 + 0.5**2) / (2.0 * DOT_SIGMA_PX**2)) * 18.0
    np.testing.assert_allclose(drawn[60], wanted.clip(max=2.0) - 1.0, atol=1e-6)


def test_dot_keeps_the_sub_pixel_position() -> None:
    weight = draw_landmark_map(_one_point(40.3, 70.6))[0, 0] - BLANK
    pixels = torch.arange(120.0)
    assert (weight.sum(0) @ pixels / weight.sum()).item() == pytest.approx(40.3, abs=1e-3)
    assert (weight.sum(1) @ pixels / weight.sum()).item() == pytest.approx(70.6, abs=1e-3)


def test_peak_is_one_even_where_dots_overlap() -> None:
    drawn = draw_landmark_map(torch.full((1, 18, 2), 50.0))
    assert drawn.max().item() == 1.0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -50.0, 200.0, 1e30, -1e30])
def test_points_outside_or_unknown_leave_a_blank_map(value: float) -> None:
    for points in (_one_point(value, 60.0), _one_point(60.0, value)):
        assert torch.equal(draw_landmark_map(points), BLANK_MAP)


def test_a_blank_map_is_of_the_images_kind() -> None:
    blank = blank_map(np.zeros((2, 3, 120, 120), np.uint8))
    assert blank.shape == (2, 1, 120, 120) and blank.dtype == np.float32
    assert (blank == BLANK).all()


def test_numpy_and_torch_draw_the_same() -> None:
    points = torch.rand(3, 18, 2, generator=torch.Generator().manual_seed(1)) * 140 - 10
    points[0, 0] = math.nan
    drawn = torch.arange(54).reshape(3, 18) % 5 != 0
    in_numpy = draw_landmark_map(points.numpy(), drawn.numpy())
    assert in_numpy.dtype == np.float32
    np.testing.assert_allclose(
        in_numpy, draw_landmark_map(points, drawn).numpy(), rtol=0, atol=1e-6
    )


def test_negative_points_do_not_wrap_round() -> None:
    drawn = draw_landmark_map(_one_point(-2.0, 60.0))[0, 0]
    assert torch.equal(drawn[:, 60:], torch.full((120, 60), BLANK))


def test_withheld_points_are_blank_for_their_sample_only() -> None:
    points = torch.rand(2, 18, 2) * 119
    drawn = torch.tensor([[True] * 18, [False] * 18])
    maps = draw_landmark_map(points, drawn)
    assert torch.equal(maps[1:], BLANK_MAP)
    assert torch.equal(maps[:1], draw_landmark_map(points[:1]))


def test_no_gradient_flows_through_drawing() -> None:
    points = torch.full((1, 18, 2), 60.0, requires_grad=True)
    assert not draw_landmark_map(points).requires_grad


def test_drawing_keeps_float32_under_autocast() -> None:
    points = torch.rand(1, 18, 2) * 119
    plain = draw_landmark_map(points)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = draw_landmark_map(points)
    assert mixed.dtype == torch.float32
    assert torch.equal(plain, mixed)


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ShapeError, match="add a batch axis"):
        map_points_from_68(torch.zeros(68, 3))
    with pytest.raises(ShapeError, match="visible"):
        map_points_from_21(torch.zeros(2, 21, 2), torch.zeros(1, 21))
    with pytest.raises(ShapeError, match=r"points_crop must be .*got \(1, 68, 2\)"):
        draw_landmark_map(torch.zeros(1, 68, 2))
    with pytest.raises(ShapeError, match="drawn"):
        draw_landmark_map(torch.zeros(1, 18, 2), torch.zeros(1, 17, dtype=torch.bool))
