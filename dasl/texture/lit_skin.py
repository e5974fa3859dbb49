"""Detection of what lies over skin (strands, hands, shadows of them) by the skin's own shading.

The brightness of plain skin is a smooth function of the surface normal. It is fitted robustly with
low-order spherical harmonics. What deviates from it beside the face's features is not bare skin.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.smoothstep import smoothstep
from dasl.texture.prior import SurfacePrior

_FITTED_FACING, _FITTED_SEEN, _LEAST_FITTED = 0.35, 0.5, 60
"""Least cosine to the view direction, visibility and number of the vertices that are fitted."""
_ROUNDS, _OUTLIER, _FAINT = 5, 0.15, 0.02
"""Rounds of reweighting, logarithmic deviation of half weight, and regularisation per vertex."""
_DARKEST = 8.0
_TOLERATED = 1.6
"""Multiple of the skin's median deviation that is added to the limits below."""
_DARKER = (0.18, 0.36)
"""Logarithms of relative brightness over which skin is doubted as too dark."""
_NOT_DARKER = (-0.1, 0.1)
"""The same over which a colour counts as no darker than skin; hair and beards are."""
_ONE_SIDED, _MIRROR_BARE = (0.20, 0.40), (0.05, -0.05)
"""Logarithms by which one side is darker than the other, over which it is doubted; and largest
deviations of the other side, over which that counts as bare. Chosen on portraits 031-070, so that
heads stay like their photos."""
_SEEN_ASIDE, _FACING_ASIDE = 0.1, 0.1
"""Least visibility and cosine to the view direction of the side that is compared."""
_EDGE, _OUTWARD, _OUTWARD_STEPS = 0.8, 0.98, 16
"""Share of a doubt that spreads to adjacent skin and scalp, and per vertex away from the face;
largest number of such vertices."""
_COVERED = (0.08, 0.13)
"""Mean darkness at the face's rim (cosines of 0.1 to 0.5) over which it counts. Two examples with
shaded cheeks have 0.06 and 0.08, portraits with hair over them 0.13 to 0.86."""
_LINE = (0.20, 0.35)
"""Logarithms by which a line beside the face is darker than both of its sides, over which it counts
as a strand. On portraits 031-050 strands on cheeks go and most stubble stays; 063 and 070 decided
the last step. Deep wrinkles beside the face become fainter."""
_LINE_FACING = (0.3, 0.5)
"""Cosines over which such lines count: nearer to the outline a line is often the outline itself."""
_UNEVEN = (0.22, 0.14)
"""Median logarithmic deviation over which dark colours count less: beards and hard light."""


@dataclass(frozen=True, eq=False)
class Deviation:
    """Deviation of a face from its own shading; shares in [0, 1].

    Attributes:
        covered: (V,) degree to which a vertex beside the face is too dark for bare skin, or one
            below the brows, off the middle, is darker than its mirror partner, which is bare.
        lit: (V,) degree to which a vertex beside the face is no darker than skin.
    """

    covered: FloatArray
    lit: FloatArray


def shading_deviation(
    luma: FloatArray,
    darkest: FloatArray,
    lined: FloatArray,
    normals: FloatArray,
    seen: FloatArray,
    prior: SurfacePrior,
) -> Deviation:
    """Fit the shading of the plain skin and compare the vertices beside the features with it.

    Args:
        luma: (V,) in 0..255, brightness of the photo.
        darkest: (V,) the least brightness between each vertex and its inward neighbour.
        lined: (V,) from `dark_lines`.
        normals: (V, 3) unit normals, z towards the viewer.
        seen: (V,) in [0, 1], whether the photo shows the vertex.
        prior: of the model.
    """
    log, dark = (np.log(np.maximum(values, _DARKEST)) for values in (luma, darkest))
    terms = _harmonics(normals)
    shown = (normals[:, 2] > _FITTED_FACING) & (seen > _FITTED_SEEN)
    fitted = shown & prior.is_plain_skin
    if fitted.sum() < _LEAST_FITTED:
        nothing = np.zeros(len(log), dtype=np.float32)
        return Deviation(nothing, nothing)
    shading = terms @ robust_fit(terms[fitted], log[fitted])
    away = log - shading
    spread = float(np.median(np.abs(away[fitted])))
    slack, even = _TOLERATED * spread, float(smoothstep(np.array(spread), *_UNEVEN))
    darkened = shading - dark
    darker = even * prior.beside * smoothstep(darkened - slack, *_DARKER)
    rim = prior.beside * (seen > _FITTED_SEEN) * (np.abs(normals[:, 2] - 0.3) < 0.2)
    amount = float(darker @ rim) / max(float(rim.sum()), 1.0)
    darker *= smoothstep(np.array(amount), *_COVERED)
    other = np.maximum(darkened, away)[prior.mirror]
    is_bare = shown[prior.mirror] * smoothstep(other - slack, *_MIRROR_BARE)
    one_sided = is_bare * smoothstep(darkened - other - slack, *_ONE_SIDED)
    aside = (normals[:, 2] > _FACING_ASIDE) & (seen > _SEEN_ASIDE)
    strands = even * prior.beside * aside * smoothstep(lined, *_LINE)
    strands *= smoothstep(normals[:, 2], *_LINE_FACING)
    one_sided = one_sided * prior.bare * (1.0 - prior.middle) * aside
    return Deviation(
        covered=np.max([darker, strands, one_sided], axis=0),
        lit=prior.beside * smoothstep(away, *_NOT_DARKER),
    )


def spread_doubt(doubt: FloatArray, triangles: IntArray, prior: SurfacePrior) -> FloatArray:
    """Spread a doubt (V,) to adjacent skin and scalp, whose colours are mixed with the doubted.

    Beside the face it spreads outward, too: hair that covers a cheek also covers what is behind.
    """
    open_to = np.maximum(prior.bare, prior.hair)
    outward = doubt.copy()
    for _ in range(_OUTWARD_STEPS):
        outward = np.maximum(outward, _OUTWARD * prior.beside * outward[prior.inward])
    spread = outward.copy()
    for first, second in ((0, 1), (1, 2), (2, 0)):
        start, end = triangles[:, first], triangles[:, second]
        np.maximum.at(spread, start, _EDGE * open_to[start] * outward[end])
        np.maximum.at(spread, end, _EDGE * open_to[end] * outward[start])
    return spread


def _harmonics(normals: FloatArray) -> npt.NDArray[np.float64]:
    """Spherical harmonics up to second order, one left out: (V, 3) to (V, 8)."""
    x, y, z = normals.T.astype(np.float64)
    return np.stack([np.ones_like(x), x, y, z, x * y, x * z, y * z, x * x - y * y], axis=1)


def robust_fit(
    terms: npt.NDArray[np.float64], values: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Coefficients (K,) of the terms (N, K) by iteratively reweighted least squares."""
    faint = _FAINT * len(terms) * np.diag(terms.std(axis=0) > 0)
    weight: npt.NDArray[np.floating] = np.ones(len(terms))
    for _ in range(_ROUNDS):
        weighted = terms * weight[:, None]
        fit = np.linalg.solve(weighted.T @ terms + faint, weighted.T @ values)
        weight = 1.0 / (1.0 + ((values - terms @ fit) / _OUTLIER) ** 2)
    return np.asarray(fit, dtype=np.float64)
