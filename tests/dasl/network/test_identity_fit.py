"""The fit against predictions drawn from a known model."""

import numpy as np
import pytest

from dasl.errors import ConfigError
from dasl.network.identity_fit import REFUSED_SHARE, fit_statistics, own_evidence, with_typical

COUNT, PEOPLE, SHOTS = 4, 400, 3
SIGN = np.array([1.0, 1.0, 1.0, -1.0])


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predictions that tell little of a profile, the truth, and yaws of either sign."""
    random = np.random.default_rng(seed)
    truth = random.standard_normal((PEOPLE, COUNT))
    yaw = random.uniform(-80, 80, (PEOPLE, SHOTS))
    shared = 0.2 * random.standard_normal((PEOPLE, 1, COUNT))
    turned = (np.abs(yaw) > 40)[..., None]
    own = np.where(turned, 0.6, 0.2) * random.standard_normal((PEOPLE, SHOTS, COUNT))
    seen = np.where(turned, 0.3, 0.7) * truth[:, None]
    return seen + shared + own + np.array([0.1, 0, 0, 0]), truth, yaw


def test_response_and_spreads_are_recovered():
    statistics = fit_statistics(*drawn(0), SIGN)
    for which, size, own in ((0, 0.7, 0.2), (2, 0.3, 0.6)):
        response = np.diag(statistics.response[which])
        np.testing.assert_allclose(response, size, atol=0.15)
        np.testing.assert_allclose(np.diag(statistics.own[which]), own**2, rtol=0.9)
    np.testing.assert_allclose(np.diag(statistics.shared), 0.04, atol=0.03)
    np.testing.assert_allclose(statistics.mean[:, 0], 0.1, atol=0.15)


def test_on_others_the_fused_identity_is_nearer_than_the_mean():
    statistics = fit_statistics(*drawn(1), SIGN)
    predicted, truth, yaw = drawn(2)
    fused = np.stack([statistics.fused(*each) for each in zip(predicted, yaw, strict=True)])
    error, plain = (
        np.linalg.norm(found - truth, axis=1).mean() for found in (fused, predicted.mean(axis=1))
    )
    assert error < 0.8 * plain


def test_the_limit_refuses_the_share_that_it_should_of_others():
    statistics = fit_statistics(*drawn(3), SIGN)
    predicted, _, yaw = drawn(4)
    refused = own_evidence(statistics, predicted, yaw) < statistics.least_evidence
    assert refused.mean() == pytest.approx(REFUSED_SHARE, abs=0.03)


def test_what_is_typical_is_found_from_either_side():
    statistics = fit_statistics(*drawn(6), SIGN)
    yaw = np.tile([10.0, -10.0, 30.0, -30.0, 60.0, -60.0], 100)
    shift = np.array([0.5, 0.0, 0.0, 0.3])
    predicted = np.where((yaw < 0)[:, None], SIGN, 1.0) * shift
    typical = with_typical(statistics, predicted, yaw).typical
    np.testing.assert_allclose(typical, np.tile(shift, (3, 1)))
    with pytest.raises(ConfigError, match=r"each bin of yaw, got \[100, 0, 0\]"):
        with_typical(statistics, predicted[:100], np.zeros(100))


def test_too_few_people_are_refused():
    predicted, truth, yaw = drawn(5)
    with pytest.raises(ConfigError, match=r"100 people .* got 20 with 3"):
        fit_statistics(predicted[:20], truth[:20], yaw[:20], SIGN)
