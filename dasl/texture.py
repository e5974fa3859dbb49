"""The texture of a head: sampled from the photo where it shows, completed where it does not.

Each texel stands for a surface point. Its colour comes, in this order, from the photo at that
point; from the photo at the mirrored point of the head, with the colours shifted smoothly to those
of its surroundings; from a smooth fill over the surface. Weights between them fade with the angle
of view, near the silhouette and away from the face, so that no background enters and no border
shows. Teeth, tongue and the mouth's cavity have colours of their own.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.linalg

from dasl.mesh import FloatArray, IntArray, vertex_normals
from dasl.morphable_model import MorphableModel
from dasl.texture_layout import SurfacePrior, surface_prior, texture_layout
from eval.rays import cast_along_z

DEFAULT_SIZE = 1024
"""Side of a texture, texels: the face takes two fifths of it."""

_DEPTH_MAP_SIDE = 320
_FACING = (0.12, 0.45)
"""Cosines to the view direction between which the photo's weight rises from 0 to 1."""
_SILHOUETTE_M = (0.002, 0.010)
"""Distances from the head's outline, on the photo, over which the weight rises."""
_UNTRUSTED_MARGIN = 6.0
"""How much wider that margin is away from the face, where no landmark fixes the outline."""
_HIDDEN_BY_M = 0.0005
_LEDGE_M = 0.004
"""Where the surface in front lies this much nearer, a margin beside it counts as hidden too: the
nose's outline on the photo is not exactly the model's. Eyelids lie closer to the eyes than that."""
_PHOTO_TEXELS = 1.5
"""Photo pixels a texel above which the photo is shrunk before it is sampled."""
_ANCHOR = 20.0
"""Pull of a sampled vertex towards its colour, against 1 for each edge of the surface."""
_SURE = (0.3, 0.8)
"""Weights of a sampled vertex between which it begins to decide the colours around it."""
_FAINT = 1e-3
"""Pull towards nothing (of shifts) or the skin's colour (of fills) everywhere."""
_MAX_SHIFT = 60.0
_MIDDLING_SKIN = (190.0, 150.0, 130.0)
_REMAP_COLUMNS = 4096


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
class _Sampled:
    """What the photo says of N points: colour (N, 3) in 0..255, weight (N, 1) in [0, 1]."""

    colour: FloatArray
    weight: FloatArray


def head_texture(
    model: MorphableModel, head: PosedHead, size: int = DEFAULT_SIZE
) -> npt.NDArray[np.uint8]:
    """Texture in the model's UV layout.

    Returns:
        (size, size, 3) uint8 RGB, row 0 at v = 1.
    """
    layout, prior = texture_layout(model, size), surface_prior(model)
    view = _View(_shrunk(head, size), model.triangles.numpy())
    mirror = model.mirror_vertex.numpy()
    at_vertices = _sample_vertices(view, prior, mirror)
    shift = _smooth_shift(*at_vertices, prior)
    fill = _smooth_fill(*at_vertices, shift, prior)
    colours = layout.interpolation @ fill
    # over the fill first what the mirrored points show, then what the points themselves show
    for side, correction in ((mirror, shift), (np.arange(len(mirror)), np.zeros_like(shift))):
        seen = view.may_show(side[model.triangles.numpy()], prior.trust)[layout.triangle]
        rows = layout.interpolation[np.flatnonzero(seen)]
        sampled = view.sample(rows, side, prior.trust)
        colour = sampled.colour + rows @ correction
        colours[seen] += sampled.weight * (colour - colours[seen])
    return layout.spread(colours)


class _View:
    """The photo, and which surface points of the head it shows."""

    def __init__(self, head: PosedHead, triangles: IntArray) -> None:
        self.vertices = head.vertices_image.astype(np.float32)
        self.photo = head.photo
        self.scale = head.scale
        # left-handed frame: outward triangles of the model, wound the other way
        self.normals = vertex_normals(self.vertices, triangles[:, [0, 2, 1]])
        self._cast_depth(triangles)

    def _cast_depth(self, triangles: IntArray) -> None:
        low, high = self.vertices[:, :2].min(axis=0), self.vertices[:, :2].max(axis=0)
        self.step = float((high - low).max()) / (_DEPTH_MAP_SIDE - 4)
        self.corner = low - 2 * self.step
        width, height = (int(side) for side in np.ceil((high - low) / self.step) + 4)
        rows, columns = np.mgrid[0:height, 0:width]
        grid = np.stack([columns.ravel(), rows.ravel()], axis=1) * self.step + self.corner
        hits = cast_along_z(self.vertices, triangles, grid)
        inside = hits.hit.reshape(height, width)
        depth = np.where(hits.hit, hits.depth, -np.inf).reshape(height, width)
        self.depth = depth.astype(np.float32)
        self.depth_around = cv2.dilate(self.depth, np.ones((5, 5), np.uint8))
        self.inset = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5) * self.step

    def may_show(self, triangles: IntArray, trust: FloatArray) -> npt.NDArray[np.bool_]:
        """Which of (T, 3) triangles face the photo and are trusted: (T,)."""
        possible = (self.normals[:, 2] > _FACING[0]) & (trust > 0)
        return np.asarray(possible[triangles].any(axis=1))

    def sample(
        self, interpolation: scipy.sparse.csr_matrix, side: IntArray, trust: FloatArray
    ) -> _Sampled:
        """The photo at surface points.

        Args:
            interpolation: (N, V) sparse, each point among the vertices.
            side: (V,) the vertices themselves, or their mirror partners.
            trust: (V,).
        """
        columns = [self.vertices[side], self.normals[side, 2:], trust[:, None]]
        values = interpolation @ np.concatenate(columns, axis=1)
        return self._sample(values[:, :3], values[:, 3], values[:, 4], self.photo)

    def sample_vertices(self, chosen: IntArray, trust: FloatArray, blur_m: float) -> _Sampled:
        """The blurred photo at vertices of the head."""
        sigma = max(blur_m * self.scale, 0.3)
        blurred = np.asarray(cv2.GaussianBlur(self.photo, (0, 0), sigma), dtype=np.uint8)
        return self._sample(self.vertices[chosen], self.normals[chosen, 2], trust, blurred)

    def _sample(
        self,
        points: FloatArray,
        facing: FloatArray,
        trust: FloatArray,
        photo: npt.NDArray[np.uint8],
    ) -> _Sampled:
        height, width = photo.shape[:2]
        x, y = points[:, 0], points[:, 1]
        to_border = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
        column, row = ((points[:, :2] - self.corner) / self.step + 0.5).astype(np.int32).T
        row, column = row.clip(0, len(self.depth) - 1), column.clip(0, self.depth.shape[1] - 1)
        slope = np.sqrt(1.0 - facing.clip(0.05, 1.0) ** 2) / facing.clip(0.05, 1.0)
        slack = _HIDDEN_BY_M * self.scale + 2.0 * self.step * slope
        behind = self.depth[row, column] - points[:, 2]
        behind_around = self.depth_around[row, column] - points[:, 2] - _LEDGE_M * self.scale
        hidden = np.maximum(behind, behind_around) / slack - 1.0
        weight = trust * _ramp(facing, *_FACING) * (1.0 - hidden.clip(0.0, 1.0))
        margin = self.scale * (1.0 + _UNTRUSTED_MARGIN * (1.0 - trust))
        weight *= _ramp(self.inset[row, column] / margin, *_SILHOUETTE_M)
        weight *= to_border.clip(0.0, 3.0) / 3.0
        return _Sampled(_bilinear(photo, x, y), weight[:, None].astype(np.float32))


def _sample_vertices(
    view: _View, prior: SurfacePrior, mirror: IntArray
) -> tuple[_Sampled, _Sampled]:
    direct = view.sample_vertices(np.arange(len(mirror)), prior.trust, blur_m=0.002)
    return direct, _Sampled(direct.colour[mirror], direct.weight[mirror])


def _smooth_shift(direct: _Sampled, mirrored: _Sampled, prior: SurfacePrior) -> FloatArray:
    """What to add to mirrored colours, (V, 3): the smooth light of the side that is shown.

    Equals direct - mirrored where both are seen, and runs on smoothly, fading, where not.
    """
    both = _ANCHOR * direct.weight * mirrored.weight
    difference = (direct.colour - mirrored.colour).clip(-_MAX_SHIFT, _MAX_SHIFT)
    return _solve(prior.laplacian, both + _FAINT, both * difference)


def _smooth_fill(
    direct: _Sampled, mirrored: _Sampled, shift: FloatArray, prior: SurfacePrior
) -> FloatArray:
    """Colours (V, 3) that run on smoothly from what is seen, and the fixed ones."""
    mirror_weight = (1.0 - direct.weight) * mirrored.weight
    known = direct.weight * direct.colour + mirror_weight * (mirrored.colour + shift)
    weight = direct.weight + mirror_weight
    skin = _typical_colour(known, weight * prior.is_plain_skin[:, None])
    # a doubtful colour must not run on over all that is not seen
    anchor = _ANCHOR * _ramp(weight, *_SURE)
    pull = _FAINT + prior.skin_pull[:, None] * (1.0 - weight)
    known = known / np.maximum(weight, 1e-6)
    fill = _solve(prior.laplacian, anchor + pull, anchor * known + pull * skin)
    fill[prior.is_fixed] = prior.colour[prior.is_fixed]
    light = np.clip(skin.max() / 200.0, 0.55, 1.0)
    fill[prior.is_eyeball] = prior.colour[prior.is_eyeball] * light
    return fill


def _typical_colour(weighted: FloatArray, weight: FloatArray) -> FloatArray:
    """Median of the colours of at least half weight; a middling skin where nothing is seen."""
    clear = weight[:, 0] > 0.5
    if not clear.any():
        return np.array(_MIDDLING_SKIN, dtype=np.float32)
    return np.median(weighted[clear] / weight[clear], axis=0)


def _solve(
    laplacian: scipy.sparse.csc_matrix,
    weight: npt.NDArray[np.floating],
    pull: npt.NDArray[np.floating],
) -> FloatArray:
    """Minimises the surface's roughness against weighted targets: (V, 1), (V, 3) to (V, 3)."""
    matrix = laplacian + scipy.sparse.diags(weight[:, 0].astype(np.float64))
    factor = scipy.sparse.linalg.splu(
        matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}
    )
    return factor.solve(pull.astype(np.float64)).astype(np.float32)


def _bilinear(photo: npt.NDArray[np.uint8], x: FloatArray, y: FloatArray) -> FloatArray:
    """Colours (N, 3) float32 at pixel positions; beyond the border the border's."""
    rows = -(-len(x) // _REMAP_COLUMNS)
    grid = np.zeros((2, rows * _REMAP_COLUMNS), dtype=np.float32)
    grid[0, : len(x)], grid[1, : len(y)] = x, y
    column, row = grid.reshape(2, rows, _REMAP_COLUMNS)
    colours = cv2.remap(photo, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return colours.reshape(-1, 3)[: len(x)].astype(np.float32)


def _shrunk(head: PosedHead, size: int) -> PosedHead:
    """The same head on a photo of at most about the texture's resolution."""
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
    return PosedHead(vertices_image=vertices, scale=head.scale * factor, photo=photo)


def _ramp(x: FloatArray, low: float, high: float) -> FloatArray:
    """0 up to `low`, 1 from `high`, smooth between."""
    share = ((x - low) / (high - low)).clip(0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)
