"""Which photos people wear, and which training faces are good for it."""

import pytest
import torch

from dasl.errors import ConfigError
from tools.photo_skins import (
    MEASURING_PORTRAITS,
    SKIN_PLACES,
    TRAINING_PORTRAITS,
    evenly_lit,
    mouth_at_rest,
    skins_for,
)


def test_portraits_are_split_as_the_data_says() -> None:
    assert (TRAINING_PORTRAITS[0], TRAINING_PORTRAITS[-1]) == (1, 30)
    assert (MEASURING_PORTRAITS[0], MEASURING_PORTRAITS[-1]) == (31, 50)


def test_missing_portraits_are_named(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"lacks 031\.jpg, 032\.jpg"):
        skins_for(9001, tmp_path)
    with pytest.raises(ConfigError, match=r"lacks 001\.jpg"):
        skins_for(1, tmp_path, crops=0)


def test_fewer_than_no_training_faces_are_refused(tmp_path) -> None:
    with pytest.raises(ConfigError, match="0 or more skins of training faces, got -1"):
        skins_for(1, tmp_path, crops=-1)


def test_seed_9000_wears_other_photos_than_seed_8999(data_root) -> None:
    if not (data_root / "portraits").is_dir():
        pytest.skip(f"{data_root} has no portraits/")
    training, measuring = (skins_for(seed, data_root, crops=0) for seed in (8999, 9000))
    names = [{name for name, _ in skins._sources} for skins in (training, measuring)]
    assert [len(each) for each in names] == [30, 20]
    assert not names[0] & names[1]


def test_open_and_wide_mouths_are_not_at_rest() -> None:
    points = torch.zeros(3, 68, 2)
    points[:, 45, 0] = 50.0  # outer corners of the eyes 50 pixels apart
    points[:, 54, 0] = 25.0
    points[1, 66, 1] = 5.0
    points[2, 54, 0] = 40.0
    assert mouth_at_rest(points).tolist() == [True, False, False]


def test_a_dark_place_on_the_skin_is_uneven_light() -> None:
    images = torch.full((2, 3, 120, 120), 150, dtype=torch.uint8)
    points = torch.zeros(2, 68, 2)
    first, second = SKIN_PLACES[0]
    points[:, [first, second], 0] = 100.0
    images[1, :, :20, 90:] = 70
    assert evenly_lit(images, points).tolist() == [True, False]
