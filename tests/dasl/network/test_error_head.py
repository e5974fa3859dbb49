"""The head that says how wrong the network is: its formula, its file, what it learns."""

import numpy as np
import pytest
from safetensors.numpy import save

from dasl.errors import ShapeError, WeightsError
from dasl.network.error_fit import JudgedFaces, fit_error_head
from dasl.network.error_head import ErrorHead, bytes_of_error_head, error_head_from_bytes


def by_hand() -> ErrorHead:
    """Two signals: the first makes the error, the second, where positive, covers the mouth."""
    return ErrorHead(
        mean=np.array([1.0, 0.0], np.float32),
        std=np.array([2.0, 1.0], np.float32),
        straight=np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]], np.float32),
        hidden=np.array([[0.0], [1.0]], np.float32),
        hidden_bias=np.zeros(1, np.float32),
        out=np.array([[0.0, 0.0, 3.0]], np.float32),
        out_bias=np.array([np.log(0.05), -2.0, -2.0], np.float32),
        usual=np.array([-4.0, -1.0], np.float32),
    )


def test_the_formula_by_hand():
    judged = by_hand()(np.array([[1.0, -5.0], [3.0, 2.0], [9.0, 0.0]]))
    # nothing added is log(2) / 4; the line of the third face ends at -1
    expected = np.array([0.05, 0.05 * np.e, np.exp(-1.0)]) * 2**0.25
    assert judged.expected_nme == pytest.approx(expected)
    odds = np.array([[-2.0, -2.0], [-2.0, 4.0], [-2.0, -2.0]])
    assert judged.covered == pytest.approx(1 / (1 + np.exp(-odds)))


def test_no_signal_however_large_gives_more_than_the_whole_face():
    judged = by_hand()(np.array([[1e30, 1e30], [-1e30, 0.0]]))
    assert np.isfinite(judged.covered).all()
    assert judged.expected_nme.max() <= 1.0 and judged.expected_nme.min() > 0.0


def test_another_number_of_signals_is_refused():
    with pytest.raises(ShapeError, match="signals"):
        by_hand()(np.zeros((1, 3)))


def test_the_file_gives_the_head_back():
    again = error_head_from_bytes(bytes_of_error_head(by_hand()), "f")
    signals = np.array([[0.3, 0.7]])
    assert again(signals).expected_nme == by_hand()(signals).expected_nme


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"nothing", "no error head"),
        (save({"mean": np.zeros(2, np.float32)}), "holds .*mean"),
        (bytes_of_error_head(by_hand())[:-4], "no error head"),
    ],
)
def test_a_damaged_file_is_named(content, message):
    with pytest.raises(WeightsError, match=f"f.safetensors: {message}"):
        error_head_from_bytes(content, "f.safetensors")


def test_a_value_that_is_not_finite_is_refused():
    head = by_hand()
    head.out[0, 0] = np.nan
    with pytest.raises(WeightsError, match="not finite"):
        error_head_from_bytes(bytes_of_error_head(head), "f")


def test_errors_and_covers_are_learned_from_what_tells_them():
    random = np.random.default_rng(0)
    signals = random.normal(size=(2000, 12)).astype(np.float32)
    expected = 0.04 * np.exp(0.5 * np.abs(signals[:, 0]))
    nme = (expected * random.exponential(size=2000)).astype(np.float32)
    covered = np.stack([signals[:, 1] > 1.0, signals[:, 2] > 1.0], axis=1).astype(np.float32)
    covered[::2, 0] = np.nan  # unknown of half of the faces
    usual = np.abs(signals[:, 0]) < 1.0
    faces = JudgedFaces(signals, nme, covered, np.ones(2000, np.float32), usual)
    head = fit_error_head(faces.rows(np.arange(1500)))
    judged = head(signals[1500:])
    assert np.corrcoef(np.log(judged.expected_nme), np.log(expected[1500:]))[0, 1] > 0.7
    assert judged.expected_nme.mean() == pytest.approx(expected[1500:].mean(), rel=0.15)
    right = (judged.covered > 0.5) == np.stack(
        [signals[1500:, 1] > 1.0, signals[1500:, 2] > 1.0], 1
    )
    assert right.mean() > 0.93
    assert bytes_of_error_head(fit_error_head(faces.rows(np.arange(1500)))) == bytes_of_error_head(
        head
    )
