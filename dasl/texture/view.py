"""Sampling of a photo at points of a head's surface: colours and their weights."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.smoothstep import smoothstep
from dasl.head.mesh import vertex_normals
from dasl.texture.dark_lines import dark_lines
from dasl.texture.lit_skin import shading_deviation, spread_doubt
from dasl.texture.photo import PosedHead
from dasl.texture.prior import SurfacePrior
from dasl.texture.tone import LUMA
from dasl.texture.visibility import visibility

_SHOWN, _SHOWN_IN_THE_MIDDLE = (0.20, 0.40), (0.05, 0.20)
"""Cosines to the view direction over which the photo's colour fades in, on the head's sides and in
its plane of symmetry, for which a profile view offers no better alternative on either side."""
_SHOWN_BLURRED = (0.08, 0.25)
"""The same for a blurred photo, which causes no streaks at grazing angles."""
_SURE = (0.15, 0.45)
"""The same for colours that are not to be replaced by mirrored ones."""
_OUTLINE_M, _SURE_OUTLINE_M = (0.0015, 0.0055), (0.002, 0.010)
"""Distances from the head's outline on the photo over which `shown` and `sure` rise."""
_UNTRUSTED_MARGIN = 6.0
"""Widening of that margin away from the face, where no landmarks constrain the outline."""
_VERTEX_BLUR_M = 0.002
_TOOTH_PALER, _TOOTH_BRIGHT = (0.035, 0.075), (0.75, 0.95)
"""Relative amount by which a tooth is less red than the skin, and its brightness relative to the
skin."""
_GAP_DARK = (0.50, 0.32)
"""Brightness relative to the skin below which a point on a lip is taken as the mouth's opening."""
_DOUBTED = (0.30, 0.60)
"""Cosines to the view direction over which the doubt in a colour fades from full to none."""
_OTHER_HUE, _DARK = (0.04, 0.08), (0.55, 0.40)
"""Distances from the skin's chromaticity (red and green), and brightness relative to the skin, over
which a doubted colour is rejected as not skin: walls, and hair beside a cheek."""
_HIGHLIGHT_RAMP = (1.1, 1.3)
"""Brightness relative to the skin over which a colour counts as a highlight."""
_GREEN, _DARKEST_GREEN, _GREEN_HAT = (0.03, 0.10), 25.0, (0.52, 0.44)
"""Excess of green relative to the brightness, of at least the second value, over which hair is
doubted as leaves; and shares of green on the scalp over which it counts as a hat."""
_INWARD = (0.0, 1 / 3, 2 / 3)
"""Shares of the way to the inward neighbour at which dark strands are looked for."""
_LEAST_SHOWN = 0.01


@dataclass(frozen=True, eq=False)
class Sampled:
    """Samples of the photo at N points.

    Attributes:
        colour: (N, 3) in 0..255.
        shown: (N, 1) in [0, 1], degree to which the photo shows the point.
        sure: (N, 1) in [0, 1], at most `shown`: degree to which no other source may replace it.
        facing: (N, 1) cosine to the view direction.
    """

    colour: FloatArray
    shown: FloatArray
    sure: FloatArray
    facing: FloatArray

    def taken(self, chosen: IntArray) -> "Sampled":
        """The samples of some of the points."""
        return Sampled(*(a[chosen] for a in (self.colour, self.shown, self.sure, self.facing)))


class SkinTone:
    """The skin's colour on a photo, to detect teeth on lips and walls beside cheeks.

    For photos in colour only: on a grey photo teeth and bright lips are indistinguishable.
    """

    def __init__(self, skin: FloatArray, highlight: FloatArray | None = None) -> None:
        """Store the colours of the skin and of its highlights (None if it has none).

        Args:
            skin: (3,), 0..255.
            highlight: (3,), 0..255.
        """
        self._brightness = max(float(skin @ LUMA), 1.0)
        self._hue = _hue(skin)
        self._to_highlight = _hue(skin if highlight is None else highlight) - self._hue

    def other_hue(self, colours: FloatArray, facing: FloatArray) -> FloatArray:
        """Degree to which colours differ from the skin in hue: (N,) in [0, 1].

        A highlight is a mixture of the skin's colour and the light's (dichromatic reflection): the
        brighter a colour, the more it may differ towards the highlights that the face has. A wall
        can have that colour, too: at grazing angles, where the photo may show one, it may not.

        Args:
            colours: (N, 3).
            facing: (N,) cosines between the surface's normal and the view direction.
        """
        away, towards = _hue(colours) - self._hue, self._to_highlight
        bright = smoothstep(colours @ LUMA / self._brightness, *_HIGHLIGHT_RAMP)
        along = away @ towards / max(float(towards @ towards), 1e-9)
        along = along.clip(0.0, bright * smoothstep(facing, *_DOUBTED))
        return smoothstep(np.linalg.norm(away - along[:, None] * towards, axis=1), *_OTHER_HUE)

    def much_darker(self, colours: FloatArray) -> FloatArray:
        """Degree to which colours (N, 3) are too dark for skin beside a cheek: (N,) in [0, 1]."""
        return smoothstep(colours @ LUMA / self._brightness, *_DARK)

    def no_lip(self, colours: FloatArray) -> FloatArray:
        """Degree to which colours (N, 3) are teeth or the mouth's opening: (N,) in [0, 1]."""
        brightness = colours @ LUMA / self._brightness
        paler = 1.0 - _hue(colours)[:, 0] / self._hue[0]
        tooth = smoothstep(paler, *_TOOTH_PALER) * smoothstep(brightness, *_TOOTH_BRIGHT)
        return np.maximum(tooth, smoothstep(brightness, *_GAP_DARK))


class View:
    """A head on its photo.

    Attributes:
        head: the head, on a photo of at most about the texture's resolution.
        facing: (V,) cosine between each vertex's normal and the view direction.
    """

    def __init__(self, head: PosedHead, triangles: IntArray, prior: SurfacePrior) -> None:
        self.head = head
        self._offset = np.zeros((len(prior.trust), 2), dtype=np.float32)
        self._columns: FloatArray | None = None  # of `_texel_columns`
        self._triangles, self._prior = triangles, prior
        # The image frame is left-handed, so the winding is reversed to keep normals outward.
        self._normals = vertex_normals(head.vertices_image, triangles[:, [0, 2, 1]])
        self.facing = self._normals[:, 2]
        self._visibility = visibility(head, self.facing, triangles, prior)
        self._doubt = prior.ear  # until the skin's colour is known
        self._skin: SkinTone | None = None

    @property
    def offset(self) -> FloatArray:
        """(V, 2) pixels from a vertex to the position where its colour is sampled."""
        return self._offset

    @offset.setter
    def offset(self, offset: FloatArray) -> None:
        self._offset, self._columns = offset, None

    def know_skin(self, skin: SkinTone, in_colour: bool) -> None:
        """Set the skin's colour; from then on hair, hands and walls are told from skin.

        Args:
            skin: from the same photo.
            in_colour: whether the photo's hues are informative; only then are teeth detected.
        """
        colours, *inward = self._inward_colours()
        darkest = np.min([between @ LUMA for between in (colours, *inward)], axis=0)
        shaded = shading_deviation(
            colours @ LUMA,
            darkest,
            dark_lines(self.head, self._read_at),
            self._normals,
            self._visibility.seen,
            self._prior,
        )
        is_side = 1.0 - self._prior.middle  # nostrils are dark, too
        bright = self._prior.jaw.bright(colours @ LUMA, self._visibility.seen, self.facing)
        doubt, covered = is_side * skin.much_darker(colours), np.maximum(shaded.covered, bright)
        if in_colour:
            self._skin = skin
            hue = skin.other_hue(colours, self.facing)
            doubt = np.maximum(doubt, hue)
            covered = np.max([covered, self._leaves(colours), hue * shaded.lit], axis=0)
        doubted = np.maximum(smoothstep(self.facing, *_DOUBTED[::-1]), self._prior.ear)
        covered = spread_doubt(covered, self._triangles, self._prior)
        self._doubt = np.maximum(doubt * doubted * (1.0 - self._prior.hair), covered)
        self._columns = None

    def sample_vertices(self) -> Sampled:
        """Sample the blurred photo at all vertices."""
        colours = self._blurred.colours(self._read_at)
        shown, sure, facing = self._shares(_SHOWN_BLURRED).T
        return self._sampled(colours, shown, sure, facing, self._prior.lip)

    def sharp_at_vertices(self) -> FloatArray:
        """Sample the unblurred photo at all vertices: (V, 3)."""
        return self.head.colours(self._read_at)

    def colours(self, interpolation: scipy.sparse.csr_matrix) -> FloatArray:
        """As `sample` of the vertices themselves, but only the colours: (N, 3)."""
        return self.head.colours(interpolation @ self._read_at)

    def sample(self, interpolation: scipy.sparse.csr_matrix, side: IntArray) -> Sampled:
        """Sample the photo at surface points.

        Args:
            interpolation: (N, V) sparse, interpolates vertex values at each point.
            side: (V,) the vertices themselves, or their mirror partners.
        """
        at_points = interpolation @ self._texel_columns[side]
        shown, sure, facing, lip = at_points[:, 2:].T
        colours = self.head.colours(at_points[:, :2])
        return self._sampled(colours, shown, sure, facing, lip)

    def shows(self, side: IntArray) -> npt.NDArray[np.bool_]:
        """Triangles of the head (T,) that the photo shows at least in part.

        Args:
            side: (V,) the vertices themselves, or their mirror partners.
        """
        shown = self._texel_columns[side, 2] > _LEAST_SHOWN
        return np.asarray(shown[self._triangles].any(axis=1))

    def is_sure(self) -> npt.NDArray[np.bool_]:
        """Triangles (T,) that need no other source than the photo; lips excluded."""
        sure = self._texel_columns[:, 3] * (1.0 - self._prior.lip) > 1.0 - _LEAST_SHOWN
        return np.asarray(sure[self._triangles].all(axis=1))

    def _leaves(self, colours: FloatArray) -> FloatArray:
        """Doubt in green on the scalp: leaves around the hair, unless most of it is a green hat."""
        red, green, blue = colours.T
        greener = (green - np.maximum(red, blue)) / np.maximum(colours @ LUMA, _DARKEST_GREEN)
        is_green = smoothstep(greener, *_GREEN) * self._prior.hair
        seen = self._prior.hair * self._visibility.seen * (self.facing > _DOUBTED[0])
        share = float(is_green @ seen) / max(float(self._prior.hair @ seen), 1.0)
        return is_green * smoothstep(np.array(share), *_GREEN_HAT)

    def _inward_colours(self) -> FloatArray:
        """Blurred colours at the vertices and towards their inward neighbours: (3, V, 3)."""
        start, way = self._read_at, self._read_at[self._prior.inward] - self._read_at
        points = np.concatenate([start + share * way for share in _INWARD])
        return self._blurred.colours(points).reshape(len(_INWARD), -1, 3)

    @cached_property
    def _blurred(self) -> PosedHead:
        return self.head.blurred(_VERTEX_BLUR_M * self.head.scale)

    @property
    def _read_at(self) -> FloatArray:
        return self.head.vertices_image[:, :2] + self.offset

    @property
    def _texel_columns(self) -> FloatArray:
        """Values of the vertices to interpolate: x, y, shown, sure, facing and lip, (V, 6)."""
        if self._columns is None:
            lip = self._prior.lip
            self._columns = np.column_stack([self._read_at, self._shares(_SHOWN), lip])
        return self._columns

    def _shares(self, shown_facing: tuple[float, float]) -> FloatArray:
        """Shown, sure and facing of the vertices: (V, 3) float32."""
        prior, facing, inset_m = self._prior, self.facing, self._visibility.inset_m
        seen = prior.trust * self._visibility.seen * (1.0 - self._doubt)
        seen = seen * self.head.inside(self._read_at)
        low, high = (
            side + prior.middle * (centre - side)
            for side, centre in zip(shown_facing, _SHOWN_IN_THE_MIDDLE, strict=True)
        )
        inset = inset_m / (1.0 + _UNTRUSTED_MARGIN * (1.0 - prior.trust))
        shown = (
            seen
            * smoothstep((facing - low) / (high - low), 0.0, 1.0)
            * smoothstep(inset, *_OUTLINE_M)
        )
        sure = seen * smoothstep(facing, *_SURE) * smoothstep(inset, *_SURE_OUTLINE_M)
        return np.column_stack([shown, np.minimum(sure, shown), facing]).astype(np.float32)

    def _sampled(
        self,
        colours: FloatArray,
        shown: FloatArray,
        sure: FloatArray,
        facing: FloatArray,
        lip: FloatArray,
    ) -> Sampled:
        if self._skin is not None:
            lips = np.flatnonzero(lip > 0)
            kept = np.ones(len(lip), dtype=np.float32)
            kept[lips] -= lip[lips] * self._skin.no_lip(colours[lips])
            shown, sure = shown * kept, sure * kept
        return Sampled(colours, *(values[:, None] for values in (shown, sure, facing)))


def _hue(colours: FloatArray) -> FloatArray:
    """Shares of red and green in colours: (..., 3) to (..., 2)."""
    return colours[..., :2] / np.maximum(colours.sum(axis=-1, keepdims=True), 1.0)
