"""What predicted identities of one person in several photos say together, and whose they are.

A network's predictions of one person differ from photo to photo, and all are drawn towards the mean
head. On people whose true identity t is known, the prediction z for a photo is described as

    z = mean_b + response_b t + shared + own,    t ~ N(0, prior), shared ~ N(0, shared),
                                                 own ~ N(0, own_b)

`shared` is what all photos of one person get wrong in the same way, such as by the look of the
skin; `own` is the error of a photo. The index b is a bin of yaw: a frontal photo tells other things
than a profile. A head that looks to the right is the mirror image of one that looks to the left.

Of people in real photos we know predictions alone. `typical_b` is their mean: to tell people apart,
what real people have in common must not count as theirs.

From this follow the identity to expect of several photos (`IdentityStatistics.fused`), and how much
likelier they are if they show one person (`evidence`). The latter is probabilistic linear
discriminant analysis (Ioffe 2006, Prince and Elder 2007). Only the leading components of identity
are described; of the others too little can be seen on a photo, and their mean is kept.
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
"""Variance that pulls an identity towards nothing."""


@dataclass(frozen=True, eq=False)
class Belief:
    """What is known of a person: (t, shared) is normal with this mean (2 R,) and covariance."""

    mean: Floats
    covariance: Floats


@dataclass(frozen=True, eq=False)
class IdentityStatistics:
    """How predictions of identity are spread, for R components and B bins of yaw.

    Attributes:
        edges_deg: (B - 1,) sizes of yaw between the bins.
        mirror_sign: (R,) what a mirror does to a component.
        mean: (B, R) of predictions, for heads that look to the image's left.
        typical: (B, R) the same of real photos.
        response: (B, R, R).
        own: (B, R, R) covariance.
        prior: (R, R) covariance; shared: (R, R) covariance.
        least_evidence: (1,) logarithm of a likelihood ratio below which a photo counts as somebody
            else's.
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
        """R."""
        return len(self.mirror_sign)

    def fused(self, identities: NDArray[np.floating], yaw_deg: Angles) -> Floats:
        """The identity to expect of a person.

        Args:
            identities: (N, K) predictions, K >= R.
            yaw_deg: (N,) of the head on each photo.

        Returns:
            (K,); of one photo its own.
        """
        mean = np.asarray(identities, dtype=np.float64).mean(axis=0)
        if len(identities) > 1:
            mean[: self.count] = self.belief(identities, yaw_deg).mean[: self.count]
        return mean

    def distinct(self, identities: NDArray[np.floating], yaw_deg: Angles) -> Floats:
        """Identities of real photos for `belief` and `evidence`: without what all have in common.

        Arguments as in `fused`; (N, K).
        """
        moved = np.array(identities, dtype=np.float64)
        for row, yaw in enumerate(yaw_deg):
            which, sign = self._place(yaw)
            moved[row, : self.count] -= (self.typical[which] - self.mean[which]) * sign
        return moved

    def belief(self, identities: NDArray[np.floating], yaw_deg: Angles) -> Belief:
        """What photos of one person say; of none, what is known before. Arguments as in `fused`."""
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
        """How much likelier each of N predictions is if it is the known person's: (N,) logarithms.

        Against somebody's of whom nothing is known. Other arguments as in `fused`.
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
        """Mean (R,), what (t, shared) does to the prediction (R, 2 R), own covariance (R, R)."""
        which, sign = self._place(yaw)
        both = np.outer(sign, sign)
        seen = np.concatenate([self.response[which] * both, np.eye(self.count)], axis=1)
        return self.mean[which] * sign, seen, self.own[which] * both

    def _place(self, yaw: float) -> tuple[int, Floats]:
        """Bin of a yaw, and the signs (R,) that turn it to the image's left."""
        sign = self.mirror_sign if yaw < 0 else np.ones(self.count)
        return int(np.digitize(abs(yaw), self.edges_deg)), sign


def plain_statistics(identity_count: int) -> IdentityStatistics:
    """For weights that bring none: of several photos all but their mean, and everybody is alike.

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
    """As the file of a weights folder."""
    return bytes_from_tensors(
        {
            field.name: np.ascontiguousarray(getattr(statistics, field.name), dtype=np.float32)
            for field in fields(statistics)
        }
    )


def statistics_from_bytes(content: bytes, name: str) -> IdentityStatistics:
    """Reads the file of a weights folder.

    Raises:
        WeightsError: damaged, or not such a file; `name` says which.
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
