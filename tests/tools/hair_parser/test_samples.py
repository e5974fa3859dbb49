"""Changed copies of labelled pictures."""

from dataclasses import replace

import numpy as np
import pytest

from dasl.network.hair_parser import PARTS, PLANES
from tools.hair_parser.samples import UNKNOWN, LabelledPicture, sample


@pytest.fixture
def picture() -> LabelledPicture:
    """A grey head with a red top, 60 pixels of 2.2 mm wide."""
    label = np.zeros((60, 60), np.uint8)
    label[15:50, 15:45], label[5:15, 15:45] = PARTS.index("skin"), PARTS.index("hair")
    shown = np.full((60, 60, 3), 100, np.uint8)
    shown[label == PARTS.index("hair")] = (250, 20, 20)
    on_head = np.repeat((label > 0)[..., None] * np.uint8(255), 3, axis=2)
    place = np.array([30.0, 25.0, 1000 / 2.2, 0.0, -1.0], np.float32)
    return LabelledPicture(shown, on_head, label, place)


def test_labels_move_with_the_picture(picture) -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        planes, label = sample(picture, 96, random)
        assert planes.shape == (PLANES, 96, 96) and label.shape == (96, 96)
        assert np.isfinite(planes).all()
        assert set(np.unique(label)) <= {0, 1, 2, UNKNOWN}
        hair, skin = (label == PARTS.index(name) for name in ("hair", "skin"))
        if hair.sum() > 50 and skin.sum() > 50:
            above = planes[4]
            assert np.median(above[hair]) > np.median(above[skin])  # whichever way it is turned
            assert planes[5][hair].mean() > 0.9  # on the head


def test_beyond_the_picture_nothing_is_known(picture) -> None:
    _, label = sample(picture, 160, np.random.default_rng(1))
    assert (label == UNKNOWN).mean() > 0.5


def test_a_given_outline_is_used(picture) -> None:
    share = np.full((60, 60), 0.25, np.float32)
    random = np.random.default_rng(0)
    values = {
        float(np.median(sample(replace(picture, share=share), 48, random)[0][8])) for _ in range(40)
    }
    assert values == {0.25, 0.5}  # or unsure
