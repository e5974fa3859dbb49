"""Tests of the measure of looks, and of the embedded model's figures on an example photo."""

from pathlib import Path

import numpy as np
import pytest

from dasl import Face, FaceReconstructor
from dasl.arrays import RgbImage
from dasl.photo.load import load_photo
from tools.evaluate_looks import photos_for_looking, table
from tools.looks_light import COPIES, copy_differences, relit
from tools.looks_regions import REGIONS, looks, posed_picture, turned_teeth_share

EXAMPLES = Path(__file__).parents[2] / "space/examples"


@pytest.fixture(scope="module")
def astronaut() -> tuple[RgbImage, Face]:
    photo = load_photo(EXAMPLES / "astronaut.jpg")
    return photo, FaceReconstructor.from_pretrained()(photo, strict=True)[0]


def test_the_open_smile_shows_its_teeth_from_every_side(astronaut: tuple[RgbImage, Face]) -> None:
    found = looks(*astronaut, has_teeth=True)
    assert found.teeth_share > 0.6
    assert found.bluer < 8
    assert found.teeth_difference < 60  # 113 with the mean head's teeth in colours of their own
    assert found.difference["face"] < 6
    assert "astronaut" in table({"astronaut": found})


def test_regions_lie_where_the_head_shows_them(astronaut: tuple[RgbImage, Face]) -> None:
    photo, face = astronaut
    posed = posed_picture(photo, face)
    middles = {
        name: np.argwhere(posed.region == index).mean(axis=0) for index, name in enumerate(REGIONS)
    }
    assert middles["eyes"][0] < middles["mouth"][0]
    mouth = np.argwhere(posed.region == REGIONS.index("mouth"))
    lips = face.landmarks[48:68, 1::-1]
    assert (mouth > lips.min(axis=0) - 4).all() and (mouth < lips.max(axis=0) + 4).all()
    np.testing.assert_allclose(middles["eyes"], face.landmarks[36:48, 1::-1].mean(axis=0), atol=4)
    assert np.isnan(posed.colour[0, 0]).all()


def test_a_photo_without_teeth_has_no_figures_of_them(astronaut: tuple[RgbImage, Face]) -> None:
    found = looks(*astronaut, has_teeth=False)
    assert np.isnan([found.teeth_difference, found.bluer, found.teeth_share]).all()


def test_teeth_are_a_share_of_what_is_seen(astronaut: tuple[RgbImage, Face]) -> None:
    assert all(0.0 <= turned_teeth_share(astronaut[1], yaw) <= 1.0 for yaw in (-60.0, 0.0))


def test_evened_skin_of_a_dark_copy_is_nearer_to_the_photo_s(
    astronaut: tuple[RgbImage, Face],
) -> None:
    dark = list(COPIES).index("dark")
    kept = copy_differences(*astronaut, light="as-photo")[dark]
    assert copy_differences(*astronaut, light="evened")[dark] < 0.5 * kept


def test_a_relit_copy_is_cut_at_white() -> None:
    photo = np.full((2, 2, 3), 200, np.uint8)
    np.testing.assert_array_equal(relit(photo, (1.6, 0.5, 1.0))[0, 0], [255, 100, 200])


def test_without_a_data_folder_the_examples_are_measured(tmp_path: Path) -> None:
    assert {path.parent for path in photos_for_looking(tmp_path)} == {EXAMPLES}
