"""Smooth completion over the surface: light for mirrored colours, and colours of unseen areas."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.linalg

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.smoothstep import smoothstep
from dasl.texture.prior import SurfacePrior
from dasl.texture.tone import LUMA
from dasl.texture.view import Sampled

_ANCHOR = 20.0
"""Weight of a sampled vertex's colour, relative to 1 per edge of the surface."""
_DECIDES = (0.3, 0.8)
"""Shares over which a sampled vertex starts to influence the colours around it."""
_FAINT = 1e-3
"""Regularisation of ratios towards 1."""
_MAX_RATIO, _MAX_HUE, _DARKEST = 3.0, 0.12, 8.0
"""Largest ratio of the light, and largest logarithm by which a channel's differs from it."""
_CLEAR, _END = 0.5, 250.0
_MIDDLING_SKIN = (190.0, 150.0, 130.0)
_HIGHLIGHT_BRIGHTNESS, _LEAST_HIGHLIGHTS, _BESIDE = 1.3, 20, 0.05
"""Brightness of the face's highlights relative to the skin, their least number of vertices, and how
far these may lie beside the face, where bright things may be anything."""
_LEAST_HAIR_SEEN = 2.5
"""Least sum of the visible scalp vertices' shares for estimating the hair's colour."""
_NOT_SKIN_HUE, _NOT_SKIN_DARK, _LEAST_NOT_SKIN = 0.04, 0.35, 0.2
"""Thresholds for hair or a hat: distance from the skin's chromaticity, and darkening relative to
the skin. A head with a smaller share of such scalp vertices than the third value is bald."""
_HIGHLIGHT = 1.6
"""Scalp points at least this bright, relative to the skin, count as highlights."""
_HAIR_SHARE, _SCALP_RANGE = 0.5, (0.3, 0.6)
"""Share of the hair vertices, least skin-like first, that the hair's colour is averaged over;
quantiles of brightness for a bald scalp."""


@dataclass(frozen=True, eq=False)
class Known:
    """Known colours of the vertices.

    Attributes:
        colour: (V, 3) in 0..255, where `share` is not 0.
        share: (V, 1) in [0, 1].
    """

    colour: FloatArray
    share: FloatArray


def smooth_ratio(direct: Sampled, mirrored: Sampled, prior: SurfacePrior) -> FloatArray:
    """Smooth factors (V, 3) on mirrored colours, which adapt them to the lighting.

    They equal direct / mirrored where both are visible. Elsewhere they are extrapolated smoothly
    and approach 1. Light multiplies colours: differences would give dark hair the hue of skin.
    """
    both = _ANCHOR * direct.sure * mirrored.sure
    ratio = np.maximum(direct.colour, _DARKEST) / np.maximum(mirrored.colour, _DARKEST)
    log = np.log(ratio.clip(1.0 / _MAX_RATIO, _MAX_RATIO))
    luma = (log @ LUMA)[:, None]
    log = luma + (log - luma).clip(-_MAX_HUE, _MAX_HUE)
    return np.exp(_solve(prior, both + _FAINT, both * log))


def blended(direct: Sampled, mirrored: Sampled, ratio: FloatArray) -> Known:
    """Blend direct and mirrored colours: direct where sure, else by visibility.

    Args:
        direct: N points.
        mirrored: their mirror partners.
        ratio: (N, 3) factors on the mirrored colours.
    """
    own = direct.shown * direct.facing.clip(0.0) ** 2
    other = mirrored.shown * mirrored.facing.clip(0.0) ** 2
    share = direct.sure + (1.0 - direct.sure) * own / np.maximum(own + other, 1e-6)
    colour = share * direct.colour + (1.0 - share) * (mirrored.colour * ratio)
    return Known(colour, np.maximum(direct.shown, mirrored.shown))


def smooth_fill(known: Known, prior: SurfacePrior) -> FloatArray:
    """Extrapolate the visible colours smoothly to all vertices: (V, 3)."""
    light = prior.occlusion[:, None]
    lit = known.colour / light
    skin = skin_colour(known, prior)
    hair = _hair_colour(lit, known.share, prior, skin)
    kind = skin + prior.hair[:, None] * (hair - skin)
    # Uncertain colours must not spread over the unseen areas.
    anchor = _ANCHOR * smoothstep(known.share, *_DECIDES)
    pull = prior.pull[:, None] * (1.0 - known.share)
    fill = _solve(prior, anchor + pull, anchor * lit + pull * kind) * light
    return fill.astype(np.float32)


def skin_colour(known: Known, prior: SurfacePrior) -> FloatArray:
    """Median colour of clearly visible plain skin, (3,); a medium skin tone if there is none."""
    clear = (known.share[:, 0] > _CLEAR) & prior.is_plain_skin
    if not clear.any():
        return np.array(_MIDDLING_SKIN, dtype=np.float32)
    return np.median(known.colour[clear], axis=0).astype(np.float32)


def skin_highlight(known: Known, skin: FloatArray, prior: SurfacePrior) -> FloatArray | None:
    """Median colour of the highlights on plain skin of the face's middle, (3,); None without any.

    Args:
        known: colours as the photo shows them.
        skin: (3,) from `skin_colour`.
        prior: of the model.
    """
    clear = (known.share[:, 0] > _CLEAR) & prior.is_plain_skin & (prior.beside < _BESIDE)
    bright = clear & (known.colour @ LUMA > _HIGHLIGHT_BRIGHTNESS * (skin @ LUMA))
    if bright.sum() < _LEAST_HIGHLIGHTS:
        return None
    return np.median(known.colour[bright], axis=0).astype(np.float32)


def skin_clipped(known: Known, prior: SurfacePrior) -> float:
    """Share of clearly visible plain skin with an overexposed (clipped) channel, in 0..1."""
    clear = (known.share[:, 0] > _CLEAR) & prior.is_plain_skin
    return float((known.colour[clear].max(axis=1) > _END).mean()) if clear.any() else 0.0


def _hair_colour(
    lit: FloatArray, share: FloatArray, prior: SurfacePrior, skin: FloatArray
) -> FloatArray:
    """Colour of the visible scalp (hair, hat or bald skin), (3,); `skin` if too little is seen.

    A fitted scalp often includes forehead. Then only the part unlike skin counts.
    """
    weight = share[:, 0] * prior.hair * ~prior.is_plain_skin
    if weight.sum() < _LEAST_HAIR_SEEN:
        return skin
    seen = np.flatnonzero(weight > 0.1)
    hue, darkness = _unlike_skin(lit[seen], skin)
    other = np.maximum(hue, darkness) > 1.0
    if weight[seen[other]].sum() < _LEAST_NOT_SKIN * weight[seen].sum():
        bald = _mean_between(lit[seen], lit[seen] @ LUMA, weight[seen], _SCALP_RANGE)
        return (bald + skin) / 2.0
    hair, rank = seen[other], (hue + darkness)[other]
    return _mean_between(lit[hair], rank, weight[hair], (1.0 - _HAIR_SHARE, 1.0))


def _unlike_skin(colours: FloatArray, skin: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Differences of colours (N, 3) from the skin's (3,) in hue and darkness, (N,) each.

    Values above 1 are not skin. Highlights, which are paler than skin, have the skin's hue here.
    """
    hues = colours / np.maximum(colours.sum(axis=1, keepdims=True), 1.0)
    away = np.linalg.norm((hues - skin / max(float(skin.sum()), 1.0))[:, :2], axis=1)
    brightness = colours @ LUMA / max(float(skin @ LUMA), 1.0)
    hue = away / _NOT_SKIN_HUE * (brightness < _HIGHLIGHT)
    return hue, (1.0 - brightness) / _NOT_SKIN_DARK


def _mean_between(
    colours: FloatArray, rank: FloatArray, weight: FloatArray, quantiles: tuple[float, float]
) -> FloatArray:
    """Weighted mean (3,) of the colours (N, 3) between two quantiles of their rank (N,)."""
    order = np.argsort(rank)
    middle = (np.cumsum(weight[order]) - weight[order] / 2.0) / weight.sum()
    within = order[(middle >= quantiles[0]) & (middle <= quantiles[1])]
    chosen = within if len(within) else order[-1:]
    return np.average(colours[chosen], axis=0, weights=weight[chosen]).astype(np.float32)


def _solve(
    prior: SurfacePrior, weight: npt.NDArray[np.floating], pull: npt.NDArray[np.floating]
) -> FloatArray:
    """Minimise roughness over the surface plus weighted targets: (V, 1), (V, 3) to (V, 3)."""
    ordered = _ordered(prior)
    values = ordered.laplacian.data.copy()
    values[ordered.diagonal] += weight[ordered.vertex, 0]
    rows = (ordered.laplacian.indices, ordered.laplacian.indptr)
    matrix = scipy.sparse.csc_matrix((values, *rows), shape=ordered.laplacian.shape)
    factor = _factored(matrix, "NATURAL")
    solved = np.empty(pull.shape, dtype=np.float32)
    solved[ordered.vertex] = factor.solve(pull[ordered.vertex].astype(np.float32))
    return solved


@dataclass(frozen=True, eq=False)
class _Ordered:
    """A Laplacian reordered to keep its factors sparse; float32 is accurate enough for colours.

    Attributes:
        laplacian: (V, V) float32, rows and columns in that order.
        vertex: (V,) the vertex of each row.
        diagonal: (V,) positions of the diagonal in its stored values.
    """

    laplacian: scipy.sparse.csc_matrix
    vertex: IntArray
    diagonal: IntArray


@lru_cache(maxsize=4)
def _ordered(prior: SurfacePrior) -> _Ordered:
    count = len(prior.pull)
    whole = (prior.laplacian + scipy.sparse.identity(count)).tocsc()
    vertex = np.argsort(_factored(whole, "MMD_AT_PLUS_A").perm_c)
    laplacian = prior.laplacian[vertex][:, vertex].astype(np.float32).tocsc()
    laplacian.sort_indices()
    columns = np.repeat(np.arange(count), np.diff(laplacian.indptr))
    return _Ordered(laplacian, vertex, np.flatnonzero(laplacian.indices == columns))


def _factored(matrix: scipy.sparse.csc_matrix, order: str) -> scipy.sparse.linalg.SuperLU:
    # Panels of one column are a quarter faster than the default on matrices this sparse.
    return scipy.sparse.linalg.splu(
        matrix,
        permc_spec=order,
        diag_pivot_thresh=0.0,
        panel_size=1,
        options={"SymmetricMode": True},
    )
