"""Fusion of one person's predicted identities from several photos, and verification of the person.

A network's identity predictions of one person differ between photos, and are biased towards the
mean head. On people with known identity t, the prediction z for a photo is modelled as

    z = mean_b + response_b t + shared + own,    t ~ N(0, prior), shared ~ N(0, shared),
                                                 own ~ N(0, own_b)

`shared` is the error that all photos of one person have in common, e.g. caused by the skin's
appearance; `own` is the error of a single photo. The index b is a bin of yaw, since a frontal view
and a profile constrain different components. Heads facing right are mirrored to face left.

For people in real photos only the predictions are known. `typical_b` is their mean. It is removed
before comparing people, so that what real faces have in common does not count as similarity.

The model gives the expected identity for several photos (`IdentityStatistics.fused`) and a
likelihood ratio for photos showing the same person (`evidence`). The latter is probabilistic linear
discriminant analysis (Ioffe 2006, Prince and Elder 2007). Only the leading identity components are
modelled. A photo constrains the others too little; for these the mean prediction is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as tensors_from_bytes
from safetensors.numpy import save as bytes_from_tensors

from dasl.errors import WeightsError, check_shape

Floats = NDArray[np.float64]
Angles = Sequence[float] | NDArray[np.floating]

UNKNOWN = 1e4
"""Variance of an uninformative prior."""


@dataclass(frozen=True, eq=False)
class Belief:
    """Posterior of a person: (t, shared) is normal with this mean (2 R,) and covariance."""

    mean: Floats
    covariance: Floats


@dataclass(frozen=True, eq=False)
class IdentityStatistics:
    """Distribution of identity predictions, for R components and B bins of yaw.

    Attributes:
        edges_deg: (B - 1,) edges of the bins of absolute yaw.
        mirror_sign: (R,) sign of each component under mirroring.
        mean: (B, R) of predictions, for heads facing the image's left.
        typical: (B, R) the same for real photos.
        response: (B, R, R).
        own: (B, R, R) covariance.
        prior: (R, R) covariance; shared: (R, R) covariance.
        least_evidence: (1,) log-likelihood ratio below which a photo counts as showing another
            person.
    """

    edges_deg: Floats
    mirror_sign: Floats
    mean: Floats
    typical: Floats
    response: Floats
    own: Floats
    prior: Floats
    shared: Floats
    least_evidence: Floats

    def __post_init__(self) -> None:
        check_shape("edges_deg", self.edges_deg, "B - 1")
        bins, count = len(self.edges_deg) + 1, len(self.mirror_sign)
        for name in ("mean", "typical"):
            check_shape(name, getattr(self, name), bins, count)
        for name in ("response", "own"):
            check_shape(name, getattr(self, name), bins, count, count)
        for name in ("prior", "shared"):
            check_shape(name, getattr(self, name), count, count)
        check_shape("least_evidence", self.least_evidence, 1)

    @property
    def count(self) -> int:
        """R, the number of components."""
        return len(self.mirror_sign)

    def fused(self, identities: NDArray[np.floating], yaw_deg: Angles) -> Floats:
        """The expected identity of a person, given predictions on several photos.

        Args:
            identities: (N, K) predictions, K >= R.
            yaw_deg: (N,) of the head on each photo.

        Returns:
            (K,); for a single photo its own prediction.
        """
        mean = np.asarray(identities, dtype=np.float64).mean(axis=0)
        if len(identities) > 1:
            mean[: self.count] = self.belief(identities, yaw_deg).mean[: self.count]
        return mean

    def distinct(self, identities: NDArray[np.floating], yaw_deg: Angles) -> Floats:
        """Remove what real photos have in common, before `belief` and `evidence`.

        Arguments as in `fused`; returns (N, K).
        """
        moved = np.array(identities, dtype=np.float64)
        for row, yaw in enumerate(yaw_deg):
            which, sign = self._place(yaw)
            moved[row, : self.count] -= (self.typical[which] - self.mean[which]) * sign
        return moved

    def belief(self, identities: NDArray[np.floating], yaw_deg: Angles) -> Belief:
        """Posterior given photos of one person; the prior if none. Arguments as in `fused`."""
        count = self.count
        nothing = np.zeros((count, count))
        before = np.linalg.inv(np.block([[self.prior, nothing], [nothing, self.shared]]))
        precision, pull = before, np.zeros(2 * count)
        for identity, yaw in zip(identities, yaw_deg, strict=True):
            mean, seen, own = self._view(yaw)
            weighted = np.linalg.solve(own, seen).T
            precision = precision + weighted @ seen
            pull = pull + weighted @ (identity[:count] - mean)
        covariance = np.linalg.inv(precision)
        return Belief(covariance @ pull, covariance)

    def evidence(self, known: Belief, identities: NDArray[np.floating], yaw_deg: Angles) -> Floats:
        """Log-likelihood ratios (N,): the known person's photo against an unknown person's.

        Args:
            known: posterior of the known person.
            identities: as in `fused`.
            yaw_deg: as in `fused`.
        """
        anybody = self.belief(identities[:0], ())
        return np.array(
            [
                self._log_density(known, identity, yaw) - self._log_density(anybody, identity, yaw)
                for identity, yaw in zip(identities, yaw_deg, strict=True)
            ]
        )

    def _log_density(self, known: Belief, identity: NDArray[np.floating], yaw: float) -> float:
        mean, seen, own = self._view(yaw)
        lower = np.linalg.cholesky(seen @ known.covariance @ seen.T + own)
        away = np.linalg.solve(lower, identity[: self.count] - mean - seen @ known.mean)
        return float(-0.5 * away @ away - np.log(np.diag(lower)).sum())

    def _view(self, yaw: float) -> tuple[Floats, Floats, Floats]:
        """Mean (R,), matrix (R, 2 R) from (t, shared) to the prediction, own covariance (R, R)."""
        which, sign = self._place(yaw)
        both = np.outer(sign, sign)
        seen = np.concatenate([self.response[which] * both, np.eye(self.count)], axis=1)
        return self.mean[which] * sign, seen, self.own[which] * both

    def _place(self, yaw: float) -> tuple[int, Floats]:
        """Bin of a yaw, and the signs (R,) that mirror its head to face the image's left."""
        sign = self.mirror_sign if yaw < 0 else np.ones(self.count)
        return int(np.digitize(abs(yaw), self.edges_deg)), sign


def plain_statistics(identity_count: int) -> IdentityStatistics:
    """For weights without statistics: fuse approximately by the mean, and accept every photo.

    Args:
        identity_count: K of the head model.
    """
    eye = np.eye(identity_count)
    return IdentityStatistics(
        edges_deg=np.zeros(0),
        mirror_sign=np.ones(identity_count),
        mean=np.zeros((1, identity_count)),
        typical=np.zeros((1, identity_count)),
        response=eye[None],
        own=eye[None],
        prior=UNKNOWN * eye,
        shared=eye / UNKNOWN,
        least_evidence=np.full(1, -np.inf),
    )


def bytes_of_statistics(statistics: IdentityStatistics) -> bytes:
    """Serialise as the file of a weights folder."""
    return bytes_from_tensors(
        {
            field.name: np.ascontiguousarray(getattr(statistics, field.name), dtype=np.float32)
            for field in fields(statistics)
        }
    )


def statistics_from_bytes(content: bytes, name: str) -> IdentityStatistics:
    """Read the file of a weights folder.

    Raises:
        WeightsError: the file is damaged or of another kind; the message names it by `name`.
    """
    wanted = [field.name for field in fields(IdentityStatistics)]
    try:
        tensors = tensors_from_bytes(content)
        if sorted(tensors) != sorted(wanted):
            raise ValueError(f"it holds {', '.join(sorted(tensors))}")
        if any(np.isnan(values).any() for values in tensors.values()):
            raise ValueError("it holds NaN")
        read = {key: values.astype(np.float64) for key, values in tensors.items()}
        return IdentityStatistics(**read)
    except (SafetensorError, ValueError) as error:
        raise WeightsError(
            f"{name}: {error}; make it again: python -m tools.calibrate_identity --root DATA"
        ) from error
