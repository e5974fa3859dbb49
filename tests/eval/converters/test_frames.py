"""Pixels of other systems: worked by hand, and against the published crops."""

from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.aflw2000.data import load_benchmark
from eval.converters.crops import crops_in_order, literature_crops_by_id, read_crops
from eval.converters.frames import (
    CROP_RULES,
    PhotoFrame,
    published_from_crop,
    published_from_photo,
)
from eval.errors import ArrayError, SubmissionError

POINT = np.array([[10.0, 20.0, 3.0]])


@pytest.mark.parametrize(
    ("frame", "published"),
    [
        (PhotoFrame(1, "down", "towards", 450), [10.0, 20.0, 3.0]),
        (PhotoFrame(0, "down", "towards", 450), [11.0, 21.0, 3.0]),
        (PhotoFrame(1, "up", "towards", 450), [10.0, 431.0, 3.0]),  # 451 - y, as in 2DASL's .m
        (PhotoFrame(0, "up", "away", 450), [11.0, 430.0, -3.0]),  # row 449 - y is 0-based
        (PhotoFrame(1, "up", "towards", 256), [10.0, 237.0, 3.0]),
    ],
)
def test_photo_pixels_become_1_based_with_y_down(frame: PhotoFrame, published: list[float]) -> None:
    before = POINT.copy()
    assert published_from_photo(POINT, frame).tolist() == [published]
    assert (before == POINT).all()


@pytest.mark.parametrize("base", [0, 1])
def test_the_first_and_last_rows_meet_when_y_is_flipped(base: int) -> None:
    rows = np.array([[0.0, base, 0.0], [0.0, 449.0 + base, 0.0]])
    flipped = published_from_photo(rows, PhotoFrame(base, "up", "towards", 450))
    assert flipped[:, 1].tolist() == [450.0, 1.0]


def test_crop_coordinates_are_mapped_as_the_two_codes_do() -> None:
    points = np.array([[[61.0, 41.0, 4.0]]])
    crops = np.array([[100.0, 50.0, 340.0, 170.0]])  # x twice as large, y as it is
    v1 = published_from_crop(points, CROP_RULES["3ddfa-v1"], crops)
    v2 = published_from_crop(points, CROP_RULES["3ddfa-v2"], crops)
    assert v1.tolist() == [[[61 * 2 + 100, (121 - 41) + 50, 4 * 1.5]]]
    assert v2.tolist() == [[[60 * 2 + 100, (120 - 41) + 50, 4 * 1.5]]]


def test_points_of_another_shape_are_refused() -> None:
    with pytest.raises(ArrayError, match=r"must be \(..., L, 3\), got \(68, 2\)"):
        published_from_photo(np.zeros((68, 2)), PhotoFrame(0, "down", "towards", 450))
    with pytest.raises(ArrayError, match=r"one crop x0 y0 x1 y1 for each face"):
        published_from_crop(np.zeros((2, 68, 3)), CROP_RULES["3ddfa-v1"], np.zeros((1, 4)))


def test_crops_are_found_by_name_not_by_position(tmp_path: Path) -> None:
    np.save(tmp_path / "c.npy", np.array([[0, 0, 9, 9], [1, 2, 30, 40]]))
    crops = read_crops(tmp_path / "c.npy", ["a", "b"])
    assert crops_in_order(crops, ["b"]).tolist() == [[1.0, 2.0, 30.0, 40.0]]
    with pytest.raises(SubmissionError, match=r"1 images have no crop \(c\)"):
        crops_in_order(crops, ["a", "c"])


def test_crop_files_are_checked(tmp_path: Path) -> None:
    np.save(tmp_path / "c.npy", np.array([[10, 20, 5, 40], [1, 2, 30, 40]]))
    with pytest.raises(SubmissionError, match=r"1 boxes without a size \(a\).*are they x y w h"):
        read_crops(tmp_path / "c.npy", ["a", "b"])
    with pytest.raises(SubmissionError, match=r"must be \(3, 4\).*got \(2, 4\)"):
        read_crops(tmp_path / "c.npy", ["a", "b", "c"])
    np.save(tmp_path / "o.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(SubmissionError, match=r"must be a \.npy of numbers"):
        read_crops(tmp_path / "o.npy", ["a"])


def test_the_literatures_crops_are_the_published_ones(data_root: Path) -> None:
    benchmark = load_benchmark(data_root)
    crops = crops_in_order(literature_crops_by_id(benchmark), benchmark.ids)
    assert (crops == np.load(data_root / "aflw2000_3d" / "roi_box.npy")).all()
