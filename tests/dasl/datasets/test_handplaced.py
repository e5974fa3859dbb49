"""The measure by which labels and networks are chosen: hand-worked values, gaps, bins."""

import math
import re

import pytest
import torch

from dasl.datasets.handplaced import (
    FACE_SIZE_PX,
    handplaced_errors,
    handplaced_nme,
    summarise,
)
from dasl.errors import ShapeError
from dasl.head.landmarks import AFLW_IN_IBUG

EVERYTHING = torch.ones(1, 21, dtype=torch.bool)


def _points68(seed: int = 0) -> torch.Tensor:
    return 120 * torch.rand(1, 68, 3, generator=torch.Generator().manual_seed(seed))


def _points21_on(points68: torch.Tensor) -> torch.Tensor:
    """Hand-placed points exactly where they are compared; the others far away."""
    points = torch.full((len(points68), 21, 2), -500.0)
    for row, group in AFLW_IN_IBUG.items():
        points[:, row] = points68[:, list(group), :2].mean(dim=1)
    return points


def test_landmarks_on_the_points_have_no_error_whatever_lies_uncompared() -> None:
    points68 = _points68()
    actual = handplaced_nme(points68, _points21_on(points68), EVERYTHING)
    torch.testing.assert_close(actual, torch.zeros(1), rtol=0, atol=1e-6)


def test_the_face_size_is_that_of_the_box_inside_the_crop() -> None:
    assert abs(FACE_SIZE_PX - 84.8528) < 1e-4


def test_one_pixel_everywhere_is_one_over_the_face_size() -> None:
    points68 = _points68()
    shifted = _points21_on(points68) + torch.tensor([1.0, 0.0])
    actual = handplaced_nme(points68, shifted, EVERYTHING)
    assert float(actual) == pytest.approx(1 / 84.8528, rel=1e-4)


def test_errors_are_distances_in_pixels_in_the_documented_order() -> None:
    points68 = _points68()
    moved = _points21_on(points68)
    moved[0, 14] += torch.tensor([3.0, 4.0])
    errors = handplaced_errors(points68, moved)
    wanted = torch.zeros(1, 17)
    wanted[0, list(AFLW_IN_IBUG).index(14)] = 5.0
    torch.testing.assert_close(errors, wanted, rtol=0, atol=1e-5)


def test_an_eye_is_compared_at_the_mean_of_its_six_landmarks() -> None:
    points68 = torch.zeros(1, 68, 2)
    points68[0, 36:42, 0] = torch.tensor([0.0, 0, 0, 0, 0, 12.0])
    points21 = torch.zeros(1, 21, 2)
    assert float(handplaced_errors(points68, points21)[0, 7]) == pytest.approx(2.0)


def test_depth_does_not_count() -> None:
    points68 = _points68()
    deep = points68 + torch.tensor([0.0, 0.0, 99.0])
    points21 = _points21_on(_points68(seed=1))
    assert torch.equal(
        handplaced_nme(deep, points21, EVERYTHING), handplaced_nme(points68, points21, EVERYTHING)
    )
    assert torch.equal(
        handplaced_nme(points68[..., :2], points21, EVERYTHING),
        handplaced_nme(points68, points21, EVERYTHING),
    )


def test_the_mean_is_over_visible_points_only() -> None:
    points68 = _points68()
    moved = _points21_on(points68)
    moved[0, 0] += torch.tensor([6.0, 0.0])
    moved[0, 1] += torch.tensor([0.0, 2.0])
    moved[0, 2] = -1.0
    visible = torch.zeros(1, 21, dtype=torch.bool)
    visible[0, [0, 1]] = True
    actual = handplaced_nme(points68, moved, visible)
    assert float(actual) == pytest.approx(4.0 / FACE_SIZE_PX, rel=1e-5)


def test_ears_and_nose_wings_do_not_count() -> None:
    points68 = _points68()
    visible = torch.zeros(1, 21, dtype=torch.bool)
    visible[0, [12, 13, 15, 16]] = True
    assert handplaced_nme(points68, _points21_on(points68), visible).isnan().all()


def test_a_face_without_a_visible_point_is_nan_and_not_zero() -> None:
    points68 = _points68().expand(2, 68, 3)
    visible = torch.ones(2, 21, dtype=torch.bool)
    visible[0] = False
    actual = handplaced_nme(points68, _points21_on(points68), visible)
    assert actual.isnan().tolist() == [True, False]


def test_a_nan_prediction_stays_nan() -> None:
    points68 = _points68()
    points21 = _points21_on(points68)
    assert handplaced_nme(points68 * torch.nan, points21, EVERYTHING).isnan().all()


def test_no_input_is_changed() -> None:
    points68, points21 = _points68(), _points21_on(_points68(1))
    before = points68.clone(), points21.clone()
    handplaced_nme(points68, points21, EVERYTHING)
    assert torch.equal(points68, before[0])
    assert torch.equal(points21, before[1])


def test_points_of_another_count_of_faces_are_refused() -> None:
    wanted = re.escape("landmarks21_crop must be (1, 21, 2), got (2, 21, 2)")
    with pytest.raises(ShapeError, match=wanted):
        handplaced_errors(_points68(), torch.zeros(2, 21, 2))


def test_bins_are_by_absolute_yaw_with_their_upper_end_inside() -> None:
    yaw = torch.tensor([0.0, -30.0, 30.1, -60.0, 60.1, 120.0])
    nme = torch.tensor([0.01, 0.03, 0.04, 0.06, 0.07, 0.09])
    actual = summarise(nme, yaw)
    assert actual["0-30"] == pytest.approx(0.02)
    assert actual["30-60"] == pytest.approx(0.05)
    assert actual["60-90"] == pytest.approx(0.08)
    assert list(actual) == ["0-30", "30-60", "60-90", "mean_of_bins", "mean"]


def test_the_mean_of_bins_weighs_bins_and_the_mean_weighs_faces() -> None:
    yaw = torch.tensor([0.0, 0.0, 0.0, 45.0, 90.0])
    nme = torch.tensor([0.01, 0.01, 0.01, 0.04, 0.07])
    actual = summarise(nme, yaw)
    assert actual["mean_of_bins"] == pytest.approx(0.04)
    assert actual["mean"] == pytest.approx(0.028)


def test_faces_without_a_value_are_left_out() -> None:
    yaw = torch.tensor([0.0, 0.0, 45.0, 90.0])
    nme = torch.tensor([0.02, math.nan, 0.02, 0.02])
    assert summarise(nme, yaw)["mean"] == pytest.approx(0.02)


def test_an_empty_bin_is_nan_and_so_is_the_mean_of_bins() -> None:
    actual = summarise(torch.tensor([0.02, 0.02]), torch.tensor([0.0, 45.0]))
    assert math.isnan(actual["60-90"])
    assert math.isnan(actual["mean_of_bins"])
    assert actual["mean"] == pytest.approx(0.02)
