"""Faint crops: what is smoothed and stretched, and what stays as it is."""

import numpy as np
import torch

from dasl.network.faint_crops import FAINT, WHITE, block_means, contrast, readable

ROWS, COLUMNS = np.mgrid[:120, :120]
STRIPES = np.where((COLUMNS // 12) % 2, 200.0, 60.0).astype(np.float32)
CLEAR = np.tile(STRIPES, (1, 3, 1, 1))


def dimmed(gain: float, lift: float = 0.0) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0.0, 1.0, CLEAR.shape)
    return np.rint(CLEAR * gain + lift + noise).clip(0, 255).astype(np.float32)


def test_contrast_is_that_of_the_pattern_and_not_of_the_noise():
    assert contrast(CLEAR)[0] > 50.0
    noise = np.random.default_rng(0).normal(100.0, 20.0, (1, 3, 120, 120))
    assert contrast(noise)[0] < FAINT


def test_blocks_are_averaged():
    grey = np.random.default_rng(0).uniform(0, 255, (2, 120, 120)).astype(np.float32)
    wanted = grey.reshape(2, 30, 4, 30, 4).mean(axis=(2, 4))
    np.testing.assert_allclose(block_means(grey), wanted, rtol=1e-5)


def test_a_clear_crop_stays_as_it_is():
    assert readable(CLEAR) is CLEAR
    both = np.concatenate([CLEAR, dimmed(0.03)])
    before = both.copy()
    np.testing.assert_array_equal(readable(both)[0], CLEAR[0])
    np.testing.assert_array_equal(both, before)


def test_in_a_nearly_black_or_white_crop_the_pattern_comes_back():
    for faint in (dimmed(0.03), dimmed(0.03, 240.0)):
        shown = readable(faint)
        assert contrast(faint)[0] < FAINT < 40.0 < contrast(shown)[0]
        assert shown.max() <= 255.0 and np.median(shown[:, :, :, 18]) > 0.8 * WHITE
        seen = shown.mean(axis=(0, 1, 2))
        assert np.corrcoef(seen, STRIPES[0])[0, 1] > 0.9


def test_an_empty_crop_stays_finite():
    assert np.isfinite(readable(np.zeros((2, 3, 120, 120), np.float32))).all()


def test_tensors_and_integers_stay_what_they_are():
    tensor = torch.from_numpy(dimmed(0.03))
    np.testing.assert_allclose(readable(tensor).numpy(), readable(dimmed(0.03)), atol=1e-4)
    assert readable(tensor.to(torch.uint8)).dtype == torch.uint8
