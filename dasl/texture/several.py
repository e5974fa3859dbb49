"""Combination of several photos of one head: each surface point uses the photos that show it best.

The first photo sets the lighting. Each further photo is adapted to it, by one gain per channel and
then by a smooth offset over the surface. The offset equals the difference where both photos show a
point, and is extrapolated elsewhere. A photo's weight at a point increases with frontality,
resolution and sharpness. Weights are smoothed along the surface and are zero where the photo does
not show it, which avoids visible borders. Around eyes and mouth the first photo is preferred, since
they differ between photos.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.linalg

from dasl.arrays import FloatArray, IntArray
from dasl.texture.fill import smooth_ratio
from dasl.texture.prior import SurfacePrior
from dasl.texture.tone import LUMA
from dasl.texture.view import Sampled, View

_CHOOSE = 4.0
"""Exponent of the scores; higher values favour the best photo more."""
_SPREAD = 12.0
"""Strength of the smoothing of weights along the surface: over about 1 cm."""
_MOVED_HERE = 8.0
"""Factor on the first photo's score around eyes and mouth."""
_LOOSE = 0.05
"""Weight of the difference at a vertex in the offset. It is low, since photos are misaligned by one
or two millimetres and only lighting should be adapted."""
_GAIN = (0.4, 2.5)
_SURE = 0.5
_LEAST_COMMON, _LEAST_DETAIL = 30, 0.2
_NOTHING = 1e-6


@dataclass(frozen=True, eq=False)
class _Part:
    """One photo with its colour correction and weights.

    Attributes:
        view: the head on it.
        gain: (3,) factors on its colours.
        ratio: (V, 3) smooth factors after the gain.
        share: (V,) weight relative to the other photos.
    """

    view: View
    gain: FloatArray
    ratio: FloatArray
    share: FloatArray

    def lit(self, sampled: Sampled, ratio: FloatArray) -> Sampled:
        """Adapt samples to the first photo's lighting."""
        return replace(sampled, colour=sampled.colour * self.gain * ratio)


class SeveralViews:
    """Several views with the interface of one `View`.

    Attributes:
        head: the head on the first photo.
    """

    def __init__(self, views: list[View], prior: SurfacePrior, triangles: IntArray) -> None:
        """Combine the first photo's view with others; irises and skin must be known already."""
        self.head = views[0].head
        self._triangles = triangles
        details = np.array([_detail(view) for view in views])
        shares_of_best = details / max(details.max(), _NOTHING)
        sharp: FloatArray = shares_of_best.clip(_LEAST_DETAIL, 1.0).astype(np.float32)
        still = (1.0 - np.maximum(prior.eye_region, prior.lip)).astype(np.float32)
        sampled = [view.sample_vertices() for view in views]
        shares = _shares(sampled, sharp, still, prior)
        self._parts: list[_Part] = []
        for view, of_view, share in zip(views, sampled, shares, strict=True):
            gain, ratio = np.ones(3, np.float32), np.ones((len(share), 3), np.float32)
            if self._parts:
                so_far = self.sample_vertices()
                gain = _gain(so_far, of_view)
                loose = np.float32(_LOOSE) * still[:, None]
                ratio = smooth_ratio(
                    replace(so_far, sure=loose * so_far.sure),
                    replace(of_view, colour=of_view.colour * gain, sure=loose * of_view.sure),
                    prior,
                )
            self._parts.append(_Part(view, gain, ratio, share))

    def sample_vertices(self) -> Sampled:
        """Sample the blurred photos at all vertices."""
        return _together(
            [part.lit(part.view.sample_vertices(), part.ratio) for part in self._parts],
            [part.share for part in self._parts],
        )

    def sharp_at_vertices(self) -> FloatArray:
        """Sample the unblurred photos at all vertices: (V, 3)."""
        samples = [part.view.sample_vertices() for part in self._parts]
        sharp = [
            part.lit(replace(sampled, colour=part.view.sharp_at_vertices()), part.ratio)
            for part, sampled in zip(self._parts, samples, strict=True)
        ]
        return _together(sharp, [part.share for part in self._parts]).colour

    def colours(self, interpolation: scipy.sparse.csr_matrix) -> FloatArray:
        """Sample the photos' colours at surface points; see `View.colours`."""
        return self.sample(interpolation, np.arange(interpolation.shape[1])).colour

    def sample(self, interpolation: scipy.sparse.csr_matrix, side: IntArray) -> Sampled:
        """Sample the photos at surface points; see `View.sample`."""
        samples, shares = [], []
        for part in self._parts:
            columns = np.column_stack([part.share, part.ratio])[side]
            share, *ratio = (interpolation @ columns).T
            sampled = part.view.sample(interpolation, side)
            samples.append(part.lit(sampled, np.stack(ratio, axis=1)))
            shares.append(share)
        return _together(samples, shares)

    def shows(self, side: IntArray) -> npt.NDArray[np.bool_]:
        """Triangles (T,) that a photo shows at least in part; see `View.shows`."""
        return np.any([part.view.shows(side) for part in self._parts], axis=0)

    def is_sure(self) -> npt.NDArray[np.bool_]:
        """Triangles (T,) that need no other source than these photos."""
        return np.any([part.view.is_sure() for part in self._parts], axis=0)


def _detail(view: View) -> float:
    """Level of detail of a face on a photo: pixels per metre times fine contrast."""
    blurred = view.sample_vertices()
    sure = blurred.sure[:, 0] > _SURE
    if not sure.any():
        return 0.0
    fine = np.abs((view.sharp_at_vertices() - blurred.colour) @ LUMA)[sure]
    brightness = max(float((blurred.colour @ LUMA)[sure].mean()), 1.0)
    return view.head.scale * float(fine.mean()) / brightness


def _shares(
    sampled: list[Sampled], detail: FloatArray, still: FloatArray, prior: SurfacePrior
) -> list[FloatArray]:
    """Weights (V,) of each photo, smooth, and 0 where it shows nothing."""
    scores = []
    for number, (of_view, sharp) in enumerate(zip(sampled, detail, strict=True)):
        score = of_view.shown[:, 0] * of_view.facing[:, 0].clip(0.0) ** 2 * sharp
        scores.append(score * (_MOVED_HERE ** (1.0 - still) if number == 0 else 1.0))
    strong = np.stack(scores) ** _CHOOSE
    chosen = strong / np.maximum(strong.sum(axis=0), _NOTHING**_CHOOSE)
    count = len(still)
    smoothing = scipy.sparse.identity(count, format="csc") + _SPREAD * prior.laplacian
    spread = scipy.sparse.linalg.factorized(smoothing.tocsc())
    return [
        (spread(share.astype(np.float64)).clip(0.0) * of_view.shown[:, 0]).astype(np.float32)
        for share, of_view in zip(chosen, sampled, strict=True)
    ]


def _gain(first: Sampled, other: Sampled) -> FloatArray:
    """Gain (3,) from the other photo's colours to the first's, preferably where both are sure."""
    sure = [sampled.sure[:, 0] > _SURE for sampled in (first, other)]
    common = sure[0] & sure[1]
    masks = [common, common] if common.sum() >= _LEAST_COMMON else sure
    if min(mask.sum() for mask in masks) < _LEAST_COMMON:
        return np.ones(3, np.float32)
    levels = [
        np.median(of.colour[mask], axis=0) for of, mask in zip((first, other), masks, strict=True)
    ]
    return (levels[0] / levels[1].clip(1.0)).clip(*_GAIN).astype(np.float32)


def _together(samples: list[Sampled], shares: list[FloatArray]) -> Sampled:
    """Weighted mean of colours; visibility is that of the photo that shows a point best."""
    weights = np.stack(shares)[..., None] * np.stack([each.shown for each in samples])
    total = weights.sum(axis=0)
    weights = np.where(total > _NOTHING, weights / np.maximum(total, _NOTHING), 0.0)
    weights[0] += total <= _NOTHING
    colour, facing = (
        (weights * np.stack([getattr(each, name) for each in samples])).sum(axis=0)
        for name in ("colour", "facing")
    )
    shown, sure = (
        np.max([getattr(each, name) for each in samples], axis=0) for name in ("shown", "sure")
    )
    return Sampled(colour.astype(np.float32), shown, sure, facing.astype(np.float32))
