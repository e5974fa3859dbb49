"""The photo, and which points of the head's surface it shows."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
import scipy.sparse

from dasl.mesh import FloatArray, IntArray, vertex_normals
from dasl.texture.foreground import foreground
from dasl.texture.prior import SurfacePrior, ramp
from dasl.texture.tone import LUMA
from eval.rays import RayHits, cast_along_z

_DEPTH_MAP_SIDE = 288
_SHOWN, _SHOWN_IN_THE_MIDDLE = (0.20, 0.40), (0.05, 0.20)
"""Cosines to the view direction between which the photo's colour begins to count: on the head's
sides; and in its plane of symmetry, where in a profile there is nothing better on either side."""
_SHOWN_BLURRED = (0.08, 0.25)
"""The same for a blurred photo, which shows no streaks where it is seen at a grazing angle."""
_SURE = (0.15, 0.45)
"""The same, for a colour that no mirrored one may replace."""
_OUTLINE_M, _SURE_OUTLINE_M = (0.0015, 0.0055), (0.002, 0.010)
"""Distances from the head's outline, on the photo, over which the two rise."""
_UNTRUSTED_MARGIN = 6.0
"""How much wider that margin is away from the face, where no landmark fixes the outline."""
_HIDDEN_BY_M = 0.0005
_LEDGE_M = 0.004
"""Where the surface in front lies this much nearer, a margin beside it counts as hidden too: the
nose's outline on the photo is not exactly the model's. Eyelids lie closer to the eyes than that."""
_COARSE_MM, _FAR_MM = 3.5, 20.0
"""Step of the grid on which the person is cut out, and distance from the head of what is not."""
_FACE_TRUST, _FACE_INSET_MM = 0.95, 9.0
"""The face that certainly is the person: trusted, and so far from the border of what is."""
_PHOTO_TEXELS = 1.5
"""Photo pixels a texel above which the photo is shrunk before it is sampled."""
_REMAP_COLUMNS = 4096
_LEAST_MOUTH_POINTS, _MOUTH_LIGHT = 8, (0.3, 1.1)
_TOOTH_PALER, _TOOTH_BRIGHT = (0.035, 0.075), (0.75, 0.95)
"""Share by which a tooth is less red than the skin, and its brightness against the skin's."""
_DOUBTED = (0.60, 0.30)
"""Cosines to the view direction between which a colour is more and more doubted."""
_OTHER_HUE, _DARK = (0.05, 0.10), (0.25, 0.45)
"""Distances from the skin's shares of red and green at which a colour is no skin, unless it is so
dark, against the skin, that it has no hue."""
_GAP_DARK = (0.50, 0.32)
"""Brightness against the skin's below which what lies on a lip is the mouth's gap."""


@dataclass(frozen=True, eq=False)
class PosedHead:
    """A head where it lies on a photo.

    Attributes:
        vertices_image: (V, 3) pixels, image frame of `photo`.
        scale: photo pixels a metre.
        photo: (H, W, 3) uint8 RGB, or the part of it around the head.
    """

    vertices_image: FloatArray
    scale: float
    photo: npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Sampled:
    """What the photo says of N points.

    Attributes:
        colour: (N, 3) in 0..255.
        shown: (N, 1) in [0, 1], how far the photo shows the point at all.
        sure: (N, 1) in [0, 1], at most `shown`: how far no other source may replace it.
        facing: (N, 1) cosine to the view direction.
    """

    colour: FloatArray
    shown: FloatArray
    sure: FloatArray
    facing: FloatArray

    def taken(self, chosen: IntArray) -> "Sampled":
        """The same of some of the points."""
        return Sampled(*(a[chosen] for a in (self.colour, self.shown, self.sure, self.facing)))


class SkinTone:
    """The skin's colour on a photo, which teeth on lips and walls beside cheeks are told from.

    Attributes:
        brightness: luma, 0..255.
        hue: (2,) shares of red and green in the colour.
        is_colour: whether the photo is in colour, so that hues tell anything.
    """

    def __init__(self, skin: FloatArray, is_colour: bool) -> None:
        self.brightness = max(float(skin @ LUMA), 1.0)
        self.hue = _hue(skin)
        self.is_colour = is_colour


class View:
    """A head on its photo.

    Attributes:
        head: the head, on a photo of at most about the texture's resolution.
        vertices: (V, 3) float32, image frame.
        normals: (V, 3) unit, image frame.
        mouth_light: how bright the mouth's inside is, against its usual colours.
        offset: (V, 2) pixels from where a vertex lies to where its colour is read.
        skin: tells teeth from lips; None leaves them.
    """

    def __init__(self, head: PosedHead, triangles: IntArray, prior: SurfacePrior) -> None:
        self.head = head
        self.vertices = head.vertices_image.astype(np.float32)
        # left-handed frame: outward triangles of the model, wound the other way
        self.normals = vertex_normals(self.vertices, triangles[:, [0, 2, 1]])
        self.offset = np.zeros((len(self.vertices), 2), dtype=np.float32)
        self.skin: SkinTone | None = None
        self._triangles = triangles
        self._prior = prior
        self._cast_depth()

    def _cast_depth(self) -> None:
        low, high = self.vertices[:, :2].min(axis=0), self.vertices[:, :2].max(axis=0)
        self._step = float((high - low).max()) / (_DEPTH_MAP_SIDE - 4)
        self._corner = low - 2 * self._step
        width, height = (int(side) for side in np.ceil((high - low) / self._step) + 4)
        rows, columns = np.mgrid[0:height, 0:width]
        grid = np.stack([columns.ravel(), rows.ravel()], axis=1) * self._step + self._corner
        hits = cast_along_z(self.vertices, self._triangles, grid)
        inside = hits.hit.reshape(height, width)
        depth = np.where(hits.hit, hits.depth, -np.inf).reshape(height, width)
        self._depth = depth.astype(np.float32)
        self._depth_around = cv2.dilate(self._depth, np.ones((5, 5), np.uint8))
        inset = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)
        self._inset = np.asarray(inset) * self._step
        self.mouth_light = self._mouth_light(hits, grid)
        corners = self._triangles[np.maximum(hits.triangle, 0)]
        trust = (self._prior.trust[corners] * hits.barycentric).sum(axis=1)
        self._person = self._cut_out(inside, trust.reshape(height, width))

    def _cut_out(self, inside: npt.NDArray[np.bool_], trust: FloatArray) -> FloatArray:
        """How far each point of the depth map shows the person: its shape."""
        mm = 1000.0 * self._step / self.head.scale
        stride = max(1, round(_COARSE_MM / mm))
        border = stride * (1 + round(_FAR_MM * 1.4 / (mm * stride)))
        wide, trusted = np.pad(inside, border), np.pad(trust > _FACE_TRUST, border)
        outset = cv2.distanceTransform((~wide).astype(np.uint8), cv2.DIST_L2, 5) * mm
        inset = cv2.distanceTransform(trusted.astype(np.uint8), cv2.DIST_L2, 5) * mm
        every = np.s_[::stride, ::stride]
        rows, columns = np.mgrid[: wide.shape[0], : wide.shape[1]][:, ::stride, ::stride]
        grid = (np.stack([columns, rows], axis=-1) - border) * self._step + self._corner
        sigma = max(stride * self._step / 2.0, 0.3)
        blurred = np.asarray(cv2.GaussianBlur(self.head.photo, (0, 0), sigma), dtype=np.uint8)
        colours = bilinear(blurred, *grid.reshape(-1, 2).astype(np.float32).T)
        person = foreground(
            colours.reshape(*grid.shape[:2], 3).astype(np.uint8),
            is_face=inset[every] > _FACE_INSET_MM,
            is_head=wide[every],
            is_far=outset[every] > _FAR_MM,
        )
        size = (person.shape[1] * stride, person.shape[0] * stride)
        full = np.asarray(cv2.resize(person, size, interpolation=cv2.INTER_LINEAR))
        first = border - stride // 2
        return full[first : first + inside.shape[0], first : first + inside.shape[1]]

    def _mouth_light(self, hits: RayHits, grid: FloatArray) -> float:
        """Brightness of what shows of teeth and mouth, against what they usually have."""
        is_mouth = self._prior.is_fixed[self._triangles[np.maximum(hits.triangle, 0), 0]] & hits.hit
        if is_mouth.sum() < _LEAST_MOUTH_POINTS:
            return 1.0
        shown = bilinear(self.head.photo, *grid[is_mouth].T) @ LUMA
        usual = self._prior.colour[self._triangles[hits.triangle[is_mouth], 0]] @ LUMA
        return float(np.clip(shown.mean() / usual.mean(), *_MOUTH_LIGHT))

    def may_show(self, side: IntArray) -> npt.NDArray[np.bool_]:
        """Which triangles of the head face the photo and are trusted: (T,).

        Args:
            side: (V,) the vertices themselves, or their mirror partners.
        """
        possible = (self.normals[:, 2] > _SHOWN_IN_THE_MIDDLE[0]) & (self._prior.trust > 0)
        return np.asarray(possible[side][self._triangles].any(axis=1))

    def sample(self, interpolation: scipy.sparse.csr_matrix, side: IntArray) -> Sampled:
        """The photo at surface points.

        Args:
            interpolation: (N, V) sparse, each point among the vertices.
            side: (V,) the vertices themselves, or their mirror partners.
        """
        values = interpolation @ self._columns()[side]
        return self._sample(values, self.head.photo, _SHOWN)

    def sample_vertices(self, blur_m: float) -> Sampled:
        """The blurred photo at all vertices."""
        sigma = max(blur_m * self.head.scale, 0.3)
        blurred = np.asarray(cv2.GaussianBlur(self.head.photo, (0, 0), sigma), dtype=np.uint8)
        return self._sample(self._columns(), blurred, _SHOWN_BLURRED)

    def _columns(self) -> FloatArray:
        """What is interpolated: position, where the colour is read, facing, trust, lip, middle, hair.

        (V, 10).
        """
        prior = self._prior
        read_at = self.vertices[:, :2] + self.offset
        shares = [self.normals[:, 2], prior.trust, prior.lip, prior.middle, prior.hair]
        return np.column_stack([self.vertices, read_at, *shares]).astype(np.float32)

    def _sample(
        self,
        columns: FloatArray,
        photo: npt.NDArray[np.uint8],
        shown_facing: tuple[float, float],
    ) -> Sampled:
        points, read_at = columns[:, :3], columns[:, 3:5]
        facing, trust, lip, middle, hair = columns[:, 5:].T
        column, row = ((points[:, :2] - self._corner) / self._step + 0.5).astype(np.int32).T
        row, column = row.clip(0, len(self._depth) - 1), column.clip(0, self._depth.shape[1] - 1)
        colour = bilinear(photo, *read_at.T)
        seen = trust * (1.0 - self._hidden(points, facing, row, column))
        seen *= self._person[row, column]
        seen *= _inside(read_at, photo.shape)
        seen *= 1.0 - lip * self._no_lip(colour)
        seen *= 1.0 - ramp(facing, *_DOUBTED) * (1.0 - hair) * self._no_skin(colour)
        margin = self.head.scale * (1.0 + _UNTRUSTED_MARGIN * (1.0 - trust))
        inset = self._inset[row, column] / margin
        low, high = (
            side + middle * (centre - side)
            for side, centre in zip(shown_facing, _SHOWN_IN_THE_MIDDLE, strict=True)
        )
        shown = seen * ramp((facing - low) / (high - low), 0.0, 1.0) * ramp(inset, *_OUTLINE_M)
        sure = seen * ramp(facing, *_SURE) * ramp(inset, *_SURE_OUTLINE_M)
        flat = (shown, np.minimum(sure, shown), facing)
        return Sampled(colour, *(value[:, None].astype(np.float32) for value in flat))

    def _hidden(
        self, points: FloatArray, facing: FloatArray, row: IntArray, column: IntArray
    ) -> FloatArray:
        """How far other parts of the head lie before the points: (N,) in [0, 1]."""
        slope = np.sqrt(1.0 - facing.clip(0.05, 1.0) ** 2) / facing.clip(0.05, 1.0)
        slack = _HIDDEN_BY_M * self.head.scale + 2.0 * self._step * slope
        behind = self._depth[row, column] - points[:, 2]
        around = self._depth_around[row, column] - points[:, 2] - _LEDGE_M * self.head.scale
        return (np.maximum(behind, around) / slack - 1.0).clip(0.0, 1.0)

    def _no_skin(self, colour: FloatArray) -> FloatArray:
        """How far colours have another hue than the skin: (N,) in [0, 1]; hair is dark or brown."""
        if self.skin is None or not self.skin.is_colour:
            return np.zeros(len(colour), dtype=np.float32)
        is_light = ramp(colour @ LUMA / self.skin.brightness, *_DARK)
        return ramp(np.linalg.norm(_hue(colour) - self.skin.hue, axis=1), *_OTHER_HUE) * is_light

    def _no_lip(self, colour: FloatArray) -> FloatArray:
        """How far colours are those of teeth or of the mouth's gap: (N,) in [0, 1]."""
        if self.skin is None or not self.skin.is_colour:
            return np.zeros(len(colour), dtype=np.float32)
        brightness = colour @ LUMA / self.skin.brightness
        paler = 1.0 - _hue(colour)[:, 0] / self.skin.hue[0]
        tooth = ramp(paler, *_TOOTH_PALER) * ramp(brightness, *_TOOTH_BRIGHT)
        return np.maximum(tooth, ramp(brightness, *_GAP_DARK))


def photo_for_texture(head: PosedHead, size: int) -> PosedHead:
    """The same head on a photo of at most about the resolution of `size` texels."""
    extent = float(np.ptp(head.vertices_image[:, :2], axis=0).max())
    factor = min(1.0, _PHOTO_TEXELS * size / extent)
    if factor == 1.0:
        return head
    height, width = (max(1, round(side * factor)) for side in head.photo.shape[:2])
    smaller = cv2.resize(head.photo, (width, height), interpolation=cv2.INTER_AREA)
    photo = np.asarray(smaller, dtype=np.uint8)
    sides = np.array([width / head.photo.shape[1], height / head.photo.shape[0], factor])
    half = np.array([0.5, 0.5, 0.0])  # pixel centres are integers
    vertices = ((head.vertices_image + half) * sides - half).astype(np.float32)
    return replace(head, vertices_image=vertices, scale=head.scale * factor, photo=photo)


def _hue(colour: FloatArray) -> FloatArray:
    """Shares of red and green in colours: (..., 3) to (..., 2)."""
    return colour[..., :2] / np.maximum(colour.sum(axis=-1, keepdims=True), 1.0)


def _inside(points: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """1 within the photo, falling to 0 over its last 3 pixels: (N,)."""
    x, y = points.T
    to_border = np.minimum(np.minimum(x, shape[1] - 1 - x), np.minimum(y, shape[0] - 1 - y))
    return to_border.clip(0.0, 3.0) / 3.0


def bilinear(photo: npt.NDArray[np.uint8], x: FloatArray, y: FloatArray) -> FloatArray:
    """Colours (N, 3) float32 at pixel positions; beyond the border the border's."""
    rows = -(-len(x) // _REMAP_COLUMNS)
    grid = np.zeros((2, rows * _REMAP_COLUMNS), dtype=np.float32)
    grid[0, : len(x)], grid[1, : len(y)] = x, y
    column, row = grid.reshape(2, rows, _REMAP_COLUMNS)
    colours = cv2.remap(photo, column, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return colours.reshape(-1, 3)[: len(x)].astype(np.float32)
