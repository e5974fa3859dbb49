"""Crops packed as WebP."""

import pytest
import torch

from dasl.errors import ConfigError
from dasl.training.compact_pictures import pack_pictures, unpack_pictures


def test_crops_come_back_in_their_order() -> None:
    grey = torch.tensor([20, 120, 220], dtype=torch.uint8)[:, None, None, None]
    images = grey.expand(3, 3, 120, 120).contiguous()
    data, ends = pack_pictures(images, quality=80)
    assert ends[-1] == len(data) < images.numel() / 20
    found = unpack_pictures(data, ends)
    assert (found.int() - images.int()).abs().max() <= 2


def test_pictures_of_another_size_are_refused() -> None:
    data, ends = pack_pictures(torch.zeros(1, 3, 60, 120, dtype=torch.uint8), quality=80)
    with pytest.raises(ConfigError, match="wanted 120 x 120 pixels"):
        unpack_pictures(data, ends)
