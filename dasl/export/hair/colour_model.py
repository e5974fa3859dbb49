"""A Gaussian mixture of colours, fitted to sample pixels."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, RgbImage

_COMPONENTS, _ROUNDS = 3, 8
_MOST_SAMPLES, _LEAST_OF_COMPONENT = 4000, 8
_LIGHTNESS = 0.6
"""Weight of lightness. Shading changes it more than hue."""
_NOISE = 30.0
"""Variance added to each component, for image noise and compression."""
_USUAL = 0.1
"""Share of the samples that are less likely than the usual density."""
_RARE = 0.5
"""How far below another model's usual log density its colours are rare."""

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ColourModel:
    """Mixture of K Gaussians over weighted CIELAB colours.

    Attributes:
        peaks: (K,) densities at the means.
        means: (K, 3).
        inverses: (K, 3, 3) inverse covariances.
        usual: log density that nine of ten samples exceed.
    """

    peaks: FloatArray
    means: FloatArray
    inverses: FloatArray
    usual: float

    def log_density(self, colours: RgbImage) -> FloatArray:
        """Log density of each colour, (H, W, 3) uint8 RGB to (H, W)."""
        return _log_density(_weighted(colours), self.peaks, self.means, self.inverses)

    def unlike(self, other: "ColourModel") -> "ColourModel":
        """The components whose means are rare in another model; all of them if there are none."""
        among = _log_density(self.means, other.peaks, other.means, other.inverses)
        kept = among < other.usual - _RARE
        if not kept.any():
            return self
        return replace(
            self, peaks=self.peaks[kept], means=self.means[kept], inverses=self.inverses[kept]
        )

    def strangeness(self, colours: RgbImage) -> FloatArray:
        """Log density relative to that of most of the samples, (H, W), at most 0."""
        return np.minimum(self.log_density(colours) - np.float32(self.usual), 0.0)


@dataclass(frozen=True, eq=False)
class HairColours:
    """Colours of a person's hair and skin."""

    hair: ColourModel
    skin: ColourModel

    def unlike_skin(self) -> "HairColours":
        """The same without the hair's components that are usual colours of this skin."""
        return replace(self, hair=self.hair.unlike(self.skin))

    def odds(self, colours: RgbImage) -> FloatArray:
        """Log ratio of the densities of hair and skin, (H, W, 3) uint8 RGB to (H, W)."""
        return self.hair.log_density(colours) - self.skin.log_density(colours)


def colour_model(samples: RgbImage) -> ColourModel:
    """Fit a mixture whose components are k-means clusters.

    Args:
        samples: (N, 3) uint8 RGB, at least `_COMPONENTS * _LEAST_OF_COMPONENT`.
    """
    chosen = samples[:: max(1, len(samples) // _MOST_SAMPLES)][None]
    colours = _weighted(chosen)[0].astype(np.float64)
    nearest = _clusters(colours)
    counts = np.bincount(nearest, minlength=_COMPONENTS)
    kept = np.flatnonzero(counts >= _LEAST_OF_COMPONENT)
    covariances = np.stack([np.cov(colours[nearest == one].T) for one in kept])
    covariances += _NOISE * np.eye(3)
    peaks = counts[kept] / len(colours) / np.sqrt(np.linalg.det(covariances))
    means = np.stack([colours[nearest == one].mean(axis=0) for one in kept])
    inverses = np.linalg.inv(covariances)
    peaks, means, inverses = (np.asarray(a, np.float32) for a in (peaks, means, inverses))
    usual = np.quantile(_log_density(colours.astype(np.float32), peaks, means, inverses), _USUAL)
    return ColourModel(peaks, means, inverses, float(usual))


def _weighted(colours: RgbImage) -> FloatArray:
    """CIELAB in 0..255 with lightness scaled: (H, W, 3)."""
    lab = cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2LAB)
    return np.asarray(lab * np.array([_LIGHTNESS, 1.0, 1.0], dtype=np.float32))


def _log_density(
    colours: FloatArray, peaks: FloatArray, means: FloatArray, inverses: FloatArray
) -> FloatArray:
    density = np.full(colours.shape[:-1], 1e-9, dtype=np.float32)
    for peak, mean, inverse in zip(peaks, means, inverses, strict=True):
        offset = colours - mean
        square = np.einsum("...i,...i", offset @ inverse, offset)
        density += peak * np.exp(-0.5 * square)
    return np.log(density)


def _clusters(colours: Doubles) -> npt.NDArray[np.int64]:
    """k-means cluster of each colour, (N,); centres start at lightness quantiles."""
    order = np.argsort(colours[:, 0])
    starts = ((np.arange(_COMPONENTS) + 0.5) / _COMPONENTS * len(order)).astype(int)
    centres = colours[order[starts]]
    for _ in range(_ROUNDS):
        nearest = ((colours[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1)
        centres = np.stack(
            [
                colours[nearest == k].mean(axis=0) if (nearest == k).any() else centres[k]
                for k in range(_COMPONENTS)
            ]
        )
    return np.asarray(nearest)
