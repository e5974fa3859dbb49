"""Error head and cover network together: their file, and what inference asks them."""

import dataclasses

import numpy as np
import pytest
from safetensors.numpy import save

from dasl.errors import WeightsError
from dasl.network.cover_fit import _Layers
from dasl.network.judge import Judge, bytes_of_judge, judge_from_bytes
from tests.dasl.network.test_error_head import by_hand


def sure_of(eyes: float, mouth: float) -> Judge:
    """A judge whose cover network always says these probabilities."""
    covers = _Layers().network()
    odds = np.log([eyes / (1 - eyes), mouth / (1 - mouth)]).astype(np.float32)
    covers = dataclasses.replace(covers, out=np.zeros_like(covers.out), out_bias=odds)
    return Judge(by_hand(), covers)


def asked(judge: Judge, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    points = np.random.default_rng(0).uniform(30, 90, (len(images), 68, 3)).astype(np.float32)
    signals = np.ones((len(images), 2), np.float32)
    return judge(signals, images, points, np.zeros(len(images), np.float32))


def test_what_is_probably_covered_is_named():
    images = np.random.default_rng(0).uniform(0, 255, (2, 3, 120, 120)).astype(np.float32)
    assert asked(sure_of(0.9, 0.1), images)[1].tolist() == [[True, False]] * 2


def test_a_black_picture_cannot_have_a_small_error():
    images = np.zeros((2, 3, 120, 120), np.float32)
    images[1, :, ::8] = 255.0
    dark, lit = asked(sure_of(0.1, 0.1), images)[0]
    assert dark > 1.0 > 0.1 > lit


def test_the_file_gives_both_back():
    judge = sure_of(0.7, 0.2)
    again = judge_from_bytes(bytes_of_judge(judge), "f")
    signals = np.array([[0.3, 0.7]])
    assert again.error_head(signals) == judge.error_head(signals)
    np.testing.assert_array_equal(again.cover_network.hidden, judge.cover_network.hidden)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"nothing", "not readable"),
        (save({"mean": np.zeros(2, np.float32)}), "holds .*mean"),
        (bytes_of_judge(sure_of(0.5, 0.5))[:-4], "not readable"),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(content, message):
    with pytest.raises(WeightsError, match=f"f.safetensors: {message}.*calibrate_confidence"):
        judge_from_bytes(content, "f.safetensors")


def test_a_value_that_is_not_finite_is_refused():
    judge = sure_of(0.5, 0.5)
    judge.error_head.out[0] = np.nan
    with pytest.raises(WeightsError, match="not finite"):
        judge_from_bytes(bytes_of_judge(judge), "f")
