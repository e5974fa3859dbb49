"""What is systematic about wrong predictions is named with its size, and nothing else is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.benchmarks.aflw2000.data import PHOTO_SIDE, load_benchmark
from eval.scoring.diagnosis import frame_warnings, offset_px
from eval.submissions.landmarks68 import MIRRORED_POINTS, REGIONS
from eval.submissions.submission import read_submission

Points = NDArray[np.float64]
SIDE = PHOTO_SIDE + 1


@pytest.fixture
def noisy(truth: Points) -> Points:
    """The truth with errors of about three pixels, as a good method has them."""
    return truth + np.random.default_rng(3).normal(0.0, 2.0, truth.shape)


def warned(predicted: Points, truth: Points) -> tuple[str, ...]:
    return frame_warnings(predicted, truth, PHOTO_SIDE)


def columns(order: list[int], sign: tuple[float, float, float] = (1, 1, 1)) -> Callable:
    return lambda p: p[..., order] * np.array(sign)


def test_nothing_is_said_of_a_good_method(truth: Points, noisy: Points) -> None:
    assert warned(truth, truth) == () == warned(noisy, truth)
    assert warned(noisy[..., :2], truth[..., :2]) == ()


def test_nothing_is_said_of_noise(truth: Points) -> None:
    strange = np.random.default_rng(4).uniform(100.0, 200.0, truth.shape)
    assert warned(strange, truth) == ()


def test_an_offset_is_told_with_both_its_parts(truth: Points) -> None:
    found = warned(truth + np.array([3.0, -4.0, 50.0]), truth)
    assert len(found) == 1 and found[0].endswith("; scored as given")
    assert "predictions lie (+3.00, -4.00) pixels" in found[0] and "5.00 in length" in found[0]


def test_an_offset_that_chance_explains_is_not_told(truth: Points) -> None:
    jumps = np.array([9.0, -8.0, 7.0, -8.0, 9.0, -6.0])[:, None, None]
    assert warned(truth[..., :2] + jumps, truth[..., :2]) == ()


def test_a_short_offset_is_not_told(truth: Points) -> None:
    assert warned(truth + np.array([0.3, 0.2, 0.0]), truth) == ()


def test_the_offset_is_the_median_and_its_error_that_of_the_faces_means() -> None:
    truth = np.zeros((3, 3, 2))
    predicted = truth.copy()
    predicted[:, :, 0] = [[1.0, 2.0, 30.0], [1.0, 2.0, 30.0], [2.0, 3.0, 31.0]]
    offset, error = offset_px(predicted, truth)
    assert offset.tolist() == [2.0, 0.0]
    # The faces' means are 11, 11, 12: deviation sqrt(1/3), over sqrt(3).
    assert error == pytest.approx([1 / 3, 0.0])


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (columns([0, 1, 2], (1, -1, 1)), "y counted from the bottom?"),
        (columns([0, 1, 2], (-1, 1, 1)), "photos mirrored (x counted from the right)?"),
        (columns([0, 1, 2], (-1, -1, 1)), "photos upside down"),
        (columns([1, 0, 2]), "x and y swapped?"),
        (columns([1, 0, 2], (-1, 1, 1)), "photos turned by 90 degrees clockwise?"),
        (columns([1, 0, 2], (1, -1, 1)), "photos turned by 90 degrees anticlockwise?"),
        (columns([2, 1, 0]), "x and z swapped?"),
        (columns([0, 2, 1]), "y and z swapped?"),
        (columns([2, 0, 1]), "z, x, y in place of x, y, z?"),
        (columns([1, 2, 0]), "y, z, x in place of x, y, z?"),
        (lambda p: p[:, MIRRORED_POINTS], "left and right points exchanged?"),
        (
            lambda p: p[:, MIRRORED_POINTS] * np.array([-1, 1, 1]),
            "photos mirrored, with points named as the mirror shows them?",
        ),
    ],
)
def test_each_wrong_frame_is_named_alone_with_the_error_before_and_after(
    truth: Points, noisy: Points, spoil: Callable[[Points], Points], name: str
) -> None:
    found = warned(spoil(noisy) + np.array([SIDE, SIDE, 0.0]), truth)
    assert len(found) == 1 and found[0].startswith(name)
    assert "from " in found[0] and " to 2.5%" in found[0]  # 2 px * sqrt(pi / 2), over 100


@pytest.mark.parametrize("sum_of_ys", [SIDE, PHOTO_SIDE, 121])
def test_a_flip_of_y_tells_what_the_ys_add_up_to(truth: Points, sum_of_ys: float) -> None:
    flipped = truth * np.array([1, -1, 1]) + np.array([0, sum_of_ys, 0])
    (found,) = warned(flipped, truth)
    assert f"add up to {sum_of_ys:.1f}; 1-based in photos of 450 rows to 451" in found


@pytest.mark.parametrize(("factor", "said"), [(256 / 450, "0.569"), (1.2, "1.2"), (0.89, "0.89")])
def test_a_wrong_scale_is_told_in_place_of_its_offset(
    truth: Points, factor: float, said: str
) -> None:
    found = warned(truth[..., :2] * factor, truth[..., :2])
    assert len(found) == 1 and f"faces are {said} times as large" in found[0]


def test_a_small_difference_in_size_is_a_methods_own(truth: Points) -> None:
    centre = truth.mean(axis=1, keepdims=True)
    assert warned((truth - centre) * 1.08 + centre, truth) == ()


def test_depth_upside_down_is_named_with_its_size(truth: Points, noisy: Points) -> None:
    (found,) = warned(noisy * np.array([1, 1, -0.5]), truth)
    assert "z grows away from the viewer" in found and "-0.50 times" in found


def test_depth_of_another_scale_is_named_with_its_size(truth: Points, noisy: Points) -> None:
    (found,) = warned(noisy * np.array([1, 1, 2.0]), truth)
    assert found.startswith("wrong scale of z: it is 2 times")


def test_absent_depth_is_named(truth: Points, noisy: Points) -> None:
    (found,) = warned(noisy * np.array([1, 1, 0.0]), truth)
    assert found.startswith("no depth: z is the same")


def test_failed_faces_are_left_out(truth: Points) -> None:
    predicted = truth + np.array([2.0, 0.0, 0.0])
    predicted[2] = np.nan
    (found,) = warned(predicted, truth)
    assert "(+2.00, +0.00)" in found
    assert warned(np.full_like(truth, np.nan), truth) == ()


def test_the_mirror_is_its_own_inverse_and_keeps_the_regions() -> None:
    assert (MIRRORED_POINTS[MIRRORED_POINTS] == np.arange(68)).all()
    for start, end in REGIONS.values():
        assert sorted(MIRRORED_POINTS[start:end]) == list(range(start, end))


def test_inputs_are_not_modified(truth: Points, noisy: Points) -> None:
    before = truth.copy(), noisy.copy()
    warned(noisy, truth)
    assert (truth == before[0]).all() and (noisy == before[1]).all()


@pytest.mark.parametrize(
    ("name", "offset"),
    [("2dasl_released", "(+1.24, +0.33)"), ("3ddfa_v2_mb05", "(-0.90, -0.94)")],
)
def test_public_systems_have_their_offset_named_and_nothing_else(
    data_root: Path, name: str, offset: str
) -> None:
    benchmark = load_benchmark(data_root)
    submission = read_submission(data_root / "submissions" / f"{name}.npz")
    predicted, truth = submission.in_order(benchmark.ids), benchmark.landmarks68
    (found,) = warned(predicted, truth)
    assert f"predictions lie {offset} pixels" in found
    mirrored = predicted[:, MIRRORED_POINTS] * np.array([-1, 1, 1]) + np.array([SIDE, 0, 0])
    (found,) = warned(mirrored, truth)
    assert found.startswith("photos mirrored, with points named as the mirror shows them?")
