"""Visibility of a head's surface on its photo: occlusion, segmentation, distance to the outline."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, IntArray
from dasl.texture.foreground import foreground
from dasl.texture.photo import PosedHead
from dasl.texture.prior import SurfacePrior
from eval.meshes.rays import cast_along_z

_DEPTH_MAP_SIDE = 224
_HIDDEN_BY_M = 0.0005
_LEDGE_M = 0.004
"""Depth step from which a margin beside the occluding surface counts as occluded too, since e.g.
the nose's outline is not exactly the model's. Eyelids are closer to the eyes than that."""
_COARSE_MM, _FAR_MM = 3.5, 20.0
"""Step of the segmentation grid, and distance from the head that is certainly background."""
_FACE_TRUST, _FACE_INSET_MM = 0.95, 9.0
"""Points that certainly show the person: least trust, and distance from the trusted area's
border."""


@dataclass(frozen=True, eq=False)
class Visibility:
    """Visibility of a head's vertices on its photo.

    Attributes:
        seen: (V,) in [0, 1]: not occluded by the head, and segmented as the person.
        inset_m: (V,) distance from the head's outline on the photo, metres.
    """

    seen: FloatArray
    inset_m: FloatArray


def visibility(
    head: PosedHead, facing: FloatArray, triangles: IntArray, prior: SurfacePrior
) -> Visibility:
    """Compute the visibility by ray casting on a grid.

    Args:
        head: on its photo.
        facing: (V,) cosine between each vertex's normal and the view direction.
        triangles: (T, 3).
        prior: of the model.
    """
    vertices = head.vertices_image
    low, high = vertices[:, :2].min(axis=0), vertices[:, :2].max(axis=0)
    step = float((high - low).max()) / (_DEPTH_MAP_SIDE - 4)
    corner = low - 2 * step
    width, height = (int(side) for side in np.ceil((high - low) / step) + 4)
    rows, columns = np.mgrid[0:height, 0:width]
    points = (np.stack([columns.ravel(), rows.ravel()], axis=1) * step + corner).astype(np.float32)
    triangles = _outside(vertices, triangles, prior)
    hits = cast_along_z(vertices, triangles, points)
    is_head = hits.hit.reshape(height, width)
    at = tuple(((vertices[:, :2] - corner) / step + 0.5).astype(np.int32).T[::-1])
    trust = np.zeros(len(points), dtype=np.float32)
    of_corners = prior.trust[triangles[hits.triangle[hits.hit]]]
    trust[hits.hit] = np.einsum("ij,ij->i", of_corners, hits.barycentric[hits.hit])
    person = _person(head, corner, step, is_head, trust.reshape(height, width))
    hidden = _hidden(head, facing, hits.depth.reshape(height, width), at, step)
    inset = np.asarray(cv2.distanceTransform(is_head.astype(np.uint8), cv2.DIST_L2, 5))
    return Visibility(
        seen=(1.0 - hidden) * person[at],
        inset_m=inset[at] * (step / head.scale),
    )


def _outside(vertices: FloatArray, triangles: IntArray, prior: SurfacePrior) -> IntArray:
    """The triangles (N, 3) that a ray from the viewer can hit first.

    The head is closed except for its neck and teeth. Elsewhere, triangles that face away lie behind
    others. Half as many triangles take half the time.
    """
    x, y = (vertices[:, axis][triangles.T] for axis in (0, 1))
    faces_away = (x[1] - x[0]) * (y[2] - y[0]) > (x[2] - x[0]) * (y[1] - y[0])
    rim = vertices[prior.is_neck_rim, :2]
    (left, top), (right, bottom) = rim.min(axis=0), rim.max(axis=0)
    beside = (x.max(axis=0) < left) | (x.min(axis=0) > right)
    beside |= (y.max(axis=0) < top) | (y.min(axis=0) > bottom)
    return triangles[~(faces_away & beside) | prior.is_fixed[triangles[:, 0]]]


def _hidden(
    head: PosedHead,
    facing: FloatArray,
    depth: FloatArray,
    at: tuple[IntArray, ...],
    step: float,
) -> FloatArray:
    """Degree to which other parts of the head occlude the vertices: (V,) in [0, 1]."""
    nearest = np.nan_to_num(depth, nan=-np.inf)
    around = np.asarray(cv2.dilate(nearest, np.ones((5, 5), np.uint8)))
    cosine = facing.clip(0.05, 1.0)
    slack = _HIDDEN_BY_M * head.scale + 2.0 * step * np.sqrt(1.0 - cosine**2) / cosine
    z = head.vertices_image[:, 2]
    behind = np.maximum(nearest[at] - z, around[at] - z - _LEDGE_M * head.scale)
    return (behind / slack - 1.0).clip(0.0, 1.0)


def _person(
    head: PosedHead,
    corner: FloatArray,
    step: float,
    is_head: npt.NDArray[np.bool_],
    trust: FloatArray,
) -> FloatArray:
    """Degree to which each point of the grid shows the person, in the shape of `is_head`."""
    mm = step * head.mm_per_pixel
    stride = max(1, round(_COARSE_MM / mm))
    border = stride * (1 + round(_FAR_MM * 1.4 / (mm * stride)))
    head_mask, face_mask = (
        np.pad(mask, border).astype(np.uint8) for mask in (is_head, trust > _FACE_TRUST)
    )
    outset = np.asarray(cv2.distanceTransform(1 - head_mask, cv2.DIST_L2, 5)) * mm
    inset = np.asarray(cv2.distanceTransform(face_mask, cv2.DIST_L2, 5)) * mm
    every = np.s_[::stride, ::stride]
    rows, columns = np.mgrid[: head_mask.shape[0], : head_mask.shape[1]][:, ::stride, ::stride]
    points = ((np.stack([columns, rows], axis=-1) - border) * step + corner).astype(np.float32)
    colours = head.blurred(stride * step / 2.0).colours(points.reshape(-1, 2))
    person = foreground(
        colours.reshape(*points.shape[:2], 3).astype(np.uint8),
        is_face=inset[every] > _FACE_INSET_MM,
        is_head=head_mask[every] > 0,
        is_far=outset[every] > _FAR_MM,
    )
    size = (person.shape[1] * stride, person.shape[0] * stride)
    full = np.asarray(cv2.resize(person, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    first = border - stride // 2
    return full[first : first + is_head.shape[0], first : first + is_head.shape[1]]
