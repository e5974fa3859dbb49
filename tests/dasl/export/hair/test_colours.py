import numpy as np

from dasl.export.hair.colour_model import HairColours, colour_model
from dasl.export.hair.colours import _faded, _like_hair, _usual
from dasl.export.hair.unseen import completed

HAIR, SKIN, WALL = (70, 45, 25), (215, 170, 150), (120, 160, 210)


def noisy(shape: tuple[int, int], colour: tuple[int, int, int]) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 4, (*shape, 3))
    return (np.array(colour) + noise).clip(0, 255).astype(np.float32)


def test_hands_and_walls_are_no_hair() -> None:
    hair, skin = (
        colour_model(noisy((20, 20), colour).reshape(-1, 3).astype(np.uint8))
        for colour in (HAIR, SKIN)
    )
    texture = np.concatenate([noisy((32, 32), colour) for colour in (HAIR, SKIN, WALL)], axis=1)
    like = _like_hair(texture, HairColours(hair, skin))
    assert np.median(like[:, 4:28]) > 0.9
    assert like[:, 36:].max() < 0.1


def test_a_bright_spot_between_curls_is_left_out() -> None:
    luma = np.full((128, 256), 40.0, np.float32)
    luma[60:63, 100:103] = 220.0
    usual = _usual(luma, np.ones_like(luma))
    assert usual[61, 101] < 0.1
    assert np.median(usual) == 1.0


def test_the_photo_fades_at_its_borders_and_stays_whole_inside() -> None:
    weight = np.zeros((64, 64), np.float32)
    weight[16:48, 16:48] = 1.0
    faded = _faded(weight)
    assert faded[32, 32] == 1.0
    assert 0.0 < faded[32, 17] < 0.8 and faded[32, 15] == 0.0


def test_unseen_hair_has_the_colour_of_its_height() -> None:
    colour = np.zeros((128, 256, 3), np.float32)
    colour[:64], colour[64:] = (30, 30, 30), (200, 150, 60)
    weight = np.zeros((128, 256, 1), np.float32)
    weight[:, 110:146] = 1.0
    texture = completed(colour, weight, np.zeros_like(weight)).astype(float)
    for rows, expected in ((np.s_[8:40], (30, 30, 30)), (np.s_[88:120], (200, 150, 60))):
        back = np.median(texture[rows, [0, 10, 245]], axis=(0, 1))
        assert np.abs(back - expected).max() < 25


def test_the_back_of_a_hat_is_of_the_hat_and_hair_below_it_of_hair() -> None:
    """Of the hair, less is seen than of the hat, and none of either at the back."""
    colour = np.zeros((128, 256, 3), np.float32)
    colour[:80], colour[80:] = (180, 40, 30), (60, 40, 25)
    weight, hat = np.zeros((2, 128, 256, 1), np.float32)
    weight[:80, 90:166] = hat[:80] = 1.0
    weight[80:110, 90:100] = 1.0
    texture = completed(colour, weight, hat).astype(float)
    for rows, expected in ((np.s_[20:70], (180, 40, 30)), (np.s_[90:120], (60, 40, 25))):
        back = np.median(texture[rows, [0, 10, 245]], axis=(0, 1))
        assert np.abs(back - expected).max() < 25
