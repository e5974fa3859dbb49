"""Identities of several photos together: a normal model worked out a second way."""

import numpy as np
import pytest

from dasl.errors import ShapeError, WeightsError
from dasl.network.identity_statistics import (
    IdentityStatistics,
    bytes_of_statistics,
    plain_statistics,
    statistics_from_bytes,
)


def covariance(random: np.random.Generator, count: int, size: float) -> np.ndarray:
    factor = random.standard_normal((count, count))
    return size * (factor @ factor.T / count + 0.1 * np.eye(count))


def invented_statistics(count: int = 3) -> IdentityStatistics:
    """Two bins, frontal and turned; the last component changes sign in a mirror."""
    random = np.random.default_rng(0)
    sign = np.ones(count)
    sign[-1] = -1.0
    both = np.outer(sign, sign)

    def mirrored(size: float) -> np.ndarray:
        moments = covariance(random, count, size)
        return (moments + moments * both) / 2

    return IdentityStatistics(
        edges_deg=np.array([30.0]),
        mirror_sign=sign,
        mean=0.1 * random.standard_normal((2, count)),
        typical=0.1 * random.standard_normal((2, count)),
        response=0.6 * np.eye(count) + 0.1 * random.standard_normal((2, count, count)),
        own=np.stack([covariance(random, count, 0.1), covariance(random, count, 0.3)]),
        prior=mirrored(1.0),
        shared=mirrored(0.1),
        least_evidence=np.array([-2.0]),
    )


def test_the_fused_identity_is_the_conditional_mean():
    statistics = invented_statistics()
    identities, yaws = np.random.default_rng(1).standard_normal((3, 5)), [5.0, 50.0, 12.0]
    # The joint normal of (t, z1, z2, z3), written out.
    of_view = [0, 1, 0]
    response = np.concatenate([statistics.response[which] for which in of_view])
    joint = response @ statistics.prior @ response.T + np.tile(statistics.shared, (3, 3))
    for row, which in enumerate(of_view):
        block = slice(3 * row, 3 * row + 3)
        joint[block, block] += statistics.own[which]
    away = np.concatenate([identities[row, :3] - statistics.mean[of_view[row]] for row in range(3)])
    expected = statistics.prior @ response.T @ np.linalg.solve(joint, away)
    found = statistics.fused(identities, yaws)
    np.testing.assert_allclose(found[:3], expected, atol=1e-9)
    np.testing.assert_allclose(found[3:], identities[:, 3:].mean(axis=0))


def test_mirrored_photos_give_the_mirrored_identity():
    statistics = invented_statistics()
    identities, yaws = np.random.default_rng(2).standard_normal((2, 3)), np.array([40.0, 70.0])
    sign = statistics.mirror_sign
    there = statistics.fused(identities, yaws)
    np.testing.assert_allclose(statistics.fused(identities * sign, -yaws), there * sign)


def test_one_photo_keeps_its_identity_and_order_does_not_matter():
    statistics = invented_statistics()
    identities, yaws = np.random.default_rng(3).standard_normal((3, 3)), np.array([0.0, 40.0, -40])
    np.testing.assert_array_equal(statistics.fused(identities[:1], yaws[:1]), identities[0])
    there, back = (
        statistics.fused(identities[order], yaws[order]) for order in ([0, 1, 2], [2, 0, 1])
    )
    np.testing.assert_allclose(there, back)


def test_evidence_is_the_ratio_of_the_joint_densities():
    statistics = invented_statistics()
    first, second = np.random.default_rng(4).standard_normal((2, 1, 3))
    known = statistics.belief(first, [3.0])
    (evidence,) = statistics.evidence(known, second, [60.0])
    back = statistics.belief(second, [60.0])
    np.testing.assert_allclose(statistics.evidence(back, first, [3.0]), evidence)


def test_a_persons_own_photo_is_likelier_than_somebody_elses():
    statistics, random = invented_statistics(), np.random.default_rng(5)
    own, others = [], []
    for _ in range(200):
        people = random.multivariate_normal(np.zeros(3), statistics.prior, 2)
        shared = random.multivariate_normal(np.zeros(3), statistics.shared, 2)
        means = statistics.mean[0] + people @ statistics.response[0].T + shared
        first, second, other = (
            random.multivariate_normal(means[who], statistics.own[0])[None] for who in (0, 0, 1)
        )
        known = statistics.belief(first, [0.0])
        own.append(float(statistics.evidence(known, second, [0.0])[0]))
        others.append(float(statistics.evidence(known, other, [0.0])[0]))
    assert np.mean(own) > 0 > np.mean(others)
    # of equally many pairs each evidence is a log likelihood ratio: this mean is 1 in the limit
    assert np.mean(np.exp(others)) == pytest.approx(1.0, abs=0.5)


def test_what_all_real_people_have_in_common_is_taken_off():
    statistics = invented_statistics()
    sign = statistics.mirror_sign
    identities = np.stack([statistics.typical[0], statistics.typical[1] * sign])
    found = statistics.distinct(identities, [10.0, -50.0])
    np.testing.assert_allclose(found, [statistics.mean[0], statistics.mean[1] * sign])


def test_plain_statistics_take_the_mean_and_refuse_nobody():
    statistics = plain_statistics(4)
    identities = np.random.default_rng(6).standard_normal((3, 4))
    found = statistics.fused(identities, [0.0, 50.0, -50.0])
    np.testing.assert_allclose(found, identities.mean(axis=0), atol=1e-3)
    known = statistics.belief(identities[:1], [0.0])
    far = statistics.evidence(known, identities[1:] + 100.0, [0.0, 0.0])
    assert (far >= statistics.least_evidence).all()


def test_the_file_holds_all():
    statistics = invented_statistics()
    read = statistics_from_bytes(bytes_of_statistics(statistics), "x")
    identities, yaws = np.random.default_rng(7).standard_normal((2, 3)), [0.0, 50.0]
    np.testing.assert_allclose(
        read.fused(identities, yaws), statistics.fused(identities, yaws), atol=1e-5
    )


@pytest.mark.parametrize("content", [b"", b"none", bytes_of_statistics(invented_statistics())[:-9]])
def test_a_damaged_file_is_named_with_what_to_do(content):
    with pytest.raises(WeightsError, match=r"w/identity\.safetensors.*tools\.calibrate_identity"):
        statistics_from_bytes(content, "w/identity.safetensors")


def test_parts_that_disagree_are_refused():
    fields = vars(invented_statistics()) | {"prior": np.eye(2)}
    with pytest.raises(ShapeError, match="prior"):
        IdentityStatistics(**fields)
