"""Appearance: every change is one that a camera could make."""

import torch
from torch.nn import functional as F

from dasl.training.augment.appearance import blur, change_appearance, lower_resolution, occlude
from dasl.training.augment.keyed_random import Draws, epoch_draws, id_keys
from dasl.training.config import AugmentConfig
from tests.dasl.tiny_model import invented_faces

IMAGES = invented_faces(16).images.float()


def draws() -> Draws:
    return epoch_draws(id_keys(tuple(str(i) for i in range(16))), 0, 0)


def test_low_resolution_is_averaging_and_enlarging_of_each_image_by_its_own_side() -> None:
    actual = lower_resolution(IMAGES, (30, 60), draws())
    sides = 30 + draws().integers("low resolution side", 31)
    assert len(sides.unique()) > 4
    for image, side, result in zip(IMAGES, sides.tolist(), actual, strict=True):
        small = F.interpolate(image[None], size=(side, side), mode="area")
        wanted = F.interpolate(small, size=(120, 120), mode="bilinear", align_corners=False)
        torch.testing.assert_close(result[None], wanted, atol=0.05, rtol=0)


def test_blur_keeps_the_mean_and_takes_detail() -> None:
    actual = blur(IMAGES, (1.0, 2.0), draws())
    torch.testing.assert_close(actual.mean(dim=(2, 3)), IMAGES.mean(dim=(2, 3)), atol=1.0, rtol=0)
    detail = [part.diff(dim=3).abs().mean(dim=(1, 2, 3)) for part in (actual, IMAGES)]
    assert bool((detail[0] < 0.6 * detail[1]).all())


def test_occluders_cover_their_share_and_nothing_else() -> None:
    config = AugmentConfig(occluder_count=1, occluder_share=0.5)
    chosen = draws().chance("occluder 0", 0.5)
    actual = occlude(IMAGES.clone(), IMAGES.flip(0), config, draws())
    changed = (actual != IMAGES).any(dim=1).flatten(1).float().mean(dim=1)
    assert 2 <= int(chosen.sum()) <= 14
    assert bool((changed[~chosen] == 0).all()) and bool((changed[chosen] > 0).all())
    assert changed.max() < 0.5


def test_without_any_share_colours_alone_change() -> None:
    still = AugmentConfig(
        brightness=0.0, contrast=0.0, saturation=0.0, channel_gain=0.0, tone=0.0,
        grey_share=0.0, blur_share=0.0, low_resolution_share=0.0, noise_share=0.0,
    )  # fmt: skip
    actual = change_appearance(IMAGES.clone(), still, draws())
    torch.testing.assert_close(actual, IMAGES, atol=1e-3, rtol=0)
    grey = change_appearance(
        IMAGES.clone(), AugmentConfig(grey_share=1.0, noise_share=0.0), draws()
    )
    assert (grey.amax(dim=1) - grey.amin(dim=1)).mean() < 12  # channel gains remain
