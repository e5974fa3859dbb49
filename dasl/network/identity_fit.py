"""Fits `IdentityStatistics` to predictions for people whose true identity is known."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dasl.errors import ConfigError
from dasl.network.identity_statistics import IdentityStatistics

Floats = NDArray[np.float64]

COMPONENTS = 24
"""Number of leading identity components in the statistics. In two-fold cross-validation on 400
people, 20 to 40 components and ridges of 0.2 to 2 all gained 9.2 to 10.6 %; this choice and the
ridge below are among the best."""
EDGES_DEG = (15.0, 40.0)
RIDGE = 0.5
"""Ridge regularisation of the response towards a diagonal one, per image."""
LEAST_VARIANCE = 0.003
REFUSED_SHARE = 0.05
"""False rejection rate: share of photos of the same person that may be left out."""
FEWEST_PEOPLE, FEWEST_PICTURES = 100, 3


def fit_statistics(
    predicted: Floats, truth: Floats, yaw_deg: Floats, mirror_sign: Floats
) -> IdentityStatistics:
    """Fit the statistics, with covariances shrunk towards diagonal ones if data are few.

    The threshold of the evidence rejects `REFUSED_SHARE` of a person's own photos, each compared
    with the person's other photos. It is estimated by two-fold cross-validation over people.

    Args:
        predicted: (P, S, K) predicted identities for S images of each of P people.
        truth: (P, K) their true identities.
        yaw_deg: (P, S), as predicted.
        mirror_sign: (K,) of the head model.

    Raises:
        ConfigError: too few people or images.
    """
    people, pictures, count = predicted.shape
    if people < FEWEST_PEOPLE or pictures < FEWEST_PICTURES:
        raise ConfigError(
            f"wanted {FEWEST_PEOPLE} people or more with {FEWEST_PICTURES} pictures or more each, "
            f"got {people} with {pictures}"
        )
    kept = min(COMPONENTS, count)
    data = predicted[..., :kept], truth[:, :kept], yaw_deg, mirror_sign[:kept]
    halves = np.arange(people) % 2
    own = []
    for half in (0, 1):
        rows, others = halves == half, halves != half
        judge = _moments(data[0][others], data[1][others], data[2][others], data[3])
        own.append(own_evidence(judge, data[0][rows], data[2][rows]))
    least = np.quantile(np.concatenate(own), REFUSED_SHARE)
    return replace(_moments(*data), least_evidence=np.full(1, least))


def with_typical(
    statistics: IdentityStatistics, predicted: Floats, yaw_deg: Floats
) -> IdentityStatistics:
    """Add the mean predictions on real photos to the statistics.

    Args:
        statistics: fitted to people with known identities.
        predicted: (N, K) predicted identities of faces on real photos, one per person.
        yaw_deg: (N,) as predicted.

    Raises:
        ConfigError: a bin of yaw has fewer than `FEWEST_PEOPLE` faces.
    """
    sign = statistics.mirror_sign
    turned = predicted[:, : statistics.count] * np.where((yaw_deg < 0)[:, None], sign, 1.0)
    bins = np.digitize(np.abs(yaw_deg), statistics.edges_deg)
    counts = np.bincount(bins, minlength=len(statistics.mean))
    if counts.min() < FEWEST_PEOPLE:
        raise ConfigError(
            f"wanted {FEWEST_PEOPLE} faces or more in each bin of yaw, got {counts.tolist()}"
        )
    typical = np.stack([turned[bins == number].mean(axis=0) for number in range(len(counts))])
    return replace(statistics, typical=typical)


def own_evidence(statistics: IdentityStatistics, predicted: Floats, yaw_deg: Floats) -> Floats:
    """Evidence that each image shows the person of the others: (P, S, K), (P, S) to (P * S,)."""
    values = []
    for identities, yaws in zip(predicted, yaw_deg, strict=True):
        for left_out in range(len(yaws)):
            rest = np.arange(len(yaws)) != left_out
            known = statistics.belief(identities[rest], yaws[rest])
            one = identities[~rest], yaws[~rest]
            values.append(float(statistics.evidence(known, *one)[0]))
    return np.array(values)


def _moments(predicted: Floats, truth: Floats, yaw_deg: Floats, sign: Floats) -> IdentityStatistics:
    people, pictures = predicted.shape[:2]
    turned = np.where((yaw_deg < 0)[..., None], sign, 1.0)
    bins = np.digitize(np.abs(yaw_deg), EDGES_DEG)
    true = np.repeat(truth[:, None], pictures, axis=1)
    means, responses, left = [], [], np.zeros_like(predicted)
    for number in range(len(EDGES_DEG) + 1):
        inside = bins == number
        seen, there = (predicted * turned)[inside], (true * turned)[inside]
        means.append(seen.mean(axis=0))
        responses.append(_response(there, seen - means[-1]))
        left[inside] = (seen - means[-1] - there @ responses[-1].T) * turned[inside]
    pairs = pictures * (pictures - 1)
    sums = left.sum(axis=1)
    within = np.einsum("psi,psj->ij", left, left)
    shared = _covariance((sums.T @ sums - within) / (people * pairs), people, sign)
    own = []
    for number in range(len(means)):
        inside = bins == number
        errors = (left * turned)[inside]
        own.append(_covariance(errors.T @ errors / len(errors) - shared, len(errors), None))
    return IdentityStatistics(
        edges_deg=np.array(EDGES_DEG),
        mirror_sign=sign,
        mean=np.stack(means),
        typical=np.stack(means),
        response=np.stack(responses),
        own=np.stack(own),
        prior=_covariance(truth.T @ truth / people, people, sign),
        shared=shared,
        least_evidence=np.zeros(1),
    )


def _response(truth: Floats, predicted: Floats) -> Floats:
    """Ridge regression (R, R) of predictions (N, R) on the truth (N, R)."""
    alone = np.diag((truth * predicted).sum(axis=0) / (truth**2).sum(axis=0))
    normal = truth.T @ truth + RIDGE * len(truth) * np.eye(truth.shape[1])
    return alone + np.linalg.solve(normal, truth.T @ (predicted - truth @ alone)).T


def _covariance(moments: Floats, samples: int, sign: Floats | None) -> Floats:
    """A positive definite, shrunk covariance (R, R); with `sign`, invariant under mirroring."""
    symmetric = (moments + moments.T) / 2
    if sign is not None:
        symmetric = (symmetric + symmetric * np.outer(sign, sign)) / 2
    values, vectors = np.linalg.eigh(symmetric)
    positive = (vectors * values.clip(LEAST_VARIANCE)) @ vectors.T
    share = min(1.0, len(moments) / samples)
    return (1.0 - share) * positive + share * np.diag(np.diag(positive))
