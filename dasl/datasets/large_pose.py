"""Large-pose augmentation: photos of fitted faces turned to larger yaw, as 300W-LP was made.

Source: Zhu et al. 2016, "Face Alignment Across Large Poses: A 3D Solution" (arXiv 1511.07212),
section 4. Our reading: the photo becomes a depth mesh, with the fitted head's depth where it is
visible, and its outline's depth around it. The mesh is rotated about the head's own vertical axis.
Faces are only turned further in the direction that they already face, so that newly visible
surface was at least seen at an angle. The background follows the head near its outline and is fixed
far away.

The labels are rotated too, exactly; they are as good as before.
"""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dasl.datasets.face_set import FaceSet, concatenate
from dasl.datasets.handplaced import handplaced_nme
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.crop import CROP_SIZE, Box, square_crop_from_landmarks
from dasl.geometry.frames import (
    crop_from_image,
    crop_pose_from_image,
    image_from_crop,
    image_from_view,
    view_from_image,
)
from dasl.geometry.rotation import euler_deg_from_rotation, rotation_from_euler_deg
from dasl.geometry.similarity import CENTRE
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import vertices_image
from eval.meshes.rays import cast_along_z, pixel_grid

Floats = NDArray[np.float32]

GRID_STEP_PX = 1.5
GRID_MARGIN_PX = 45.0
"""Margin of the depth mesh around the crop, where border pixels are repeated."""
FRAME_PX = 400.0
"""Width of a fixed frame around the mesh, so that every ray hits something."""
FOLLOWS_PX, STAYS_PX = 12.0, 60.0
"""The background rotates with the head up to the first distance from its outline, and is fixed
beyond the second."""
BEHIND_PX = 30.0
"""The fixed background lies this far behind the head's rearmost visible point."""
SUPERSAMPLING = 2
VISIBLE_WITHIN_PX = 3.0
"""A hand-placed point is hidden if the surface at its pixel lies further in front than this."""


def _grid_triangles(side: int) -> NDArray[np.int64]:
    """A grid of side x side vertices as triangles: (T, 3)."""
    index = np.arange(side * side).reshape(side, side)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    halves = [np.stack(corners, axis=-1).reshape(-1, 3) for corners in ((a, b, c), (a, c, d))]
    return np.concatenate(halves)


_TICKS = np.arange(-GRID_MARGIN_PX, CROP_SIZE + GRID_MARGIN_PX, GRID_STEP_PX, dtype=np.float32)
_TRIANGLES = _grid_triangles(len(_TICKS))
_EDGE = np.flatnonzero(np.pad(np.zeros((len(_TICKS) - 2,) * 2), 1, constant_values=1))


@dataclass(frozen=True)
class LargePoseConfig:
    """The faces to turn, and the range of the new yaw.

    Attributes:
        source_yaw_deg: faces of a smaller absolute yaw are turned.
        target_yaw_deg: range of the absolute yaw that they are turned to.
        largest_turn_deg: largest rotation of a face; beyond it, stretched cheeks look unnatural.
        spread_deg: the new yaw is drawn uniformly from a range of this width below the largest yaw
            that a face can reach, so that new yaws do not cluster at the range's start.
        label_error: faces with a larger mean distance of labels from hand-placed points (fraction
            of the face's size, `dasl.datasets.handplaced`) are left out; faces without such points
            are kept.
    """

    source_yaw_deg: float = 45.0
    target_yaw_deg: tuple[float, float] = (50.0, 90.0)
    largest_turn_deg: float = 55.0
    spread_deg: float = 25.0
    label_error: float = 0.04

    def __post_init__(self) -> None:
        low, high = self.target_yaw_deg
        if not 0 < self.source_yaw_deg <= low < high <= 90:
            raise ConfigError(
                "wanted 0 < source_yaw_deg <= target_yaw_deg (low < high) <= 90, got "
                f"{self.source_yaw_deg:g} and {low:g}..{high:g}"
            )
        for name in ("largest_turn_deg", "spread_deg", "label_error"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be positive, got {getattr(self, name):g}")


@dataclass(frozen=True, eq=False)
class _DepthMesh:
    """A crop as a surface of G vertices, before and after rotation.

    Both are in the frame of the original crop; a new crop is a box in this frame.

    Attributes:
        source_crop: (G, 2) the grid on the original crop, pixels.
        turned: (G, 3) the rotated vertices, pixels.
    """

    source_crop: Floats
    turned: Floats

    def follow(self, points_crop: Floats) -> Floats:
        """Points of the crop (N, 2) after rotation: (N, 3)."""
        cells = ((points_crop - _TICKS[0]) / GRID_STEP_PX)[None].astype(np.float32)
        grid = self.turned.reshape(len(_TICKS), len(_TICKS), 3)
        return cv2.remap(grid, cells[..., 0], cells[..., 1], cv2.INTER_LINEAR)[0]


def turnable(faces: FaceSet, config: LargePoseConfig) -> Tensor:
    """Rows of the faces with a small enough yaw and good enough labels: (M,) int64."""
    yaw = euler_deg_from_rotation(faces.coefficients.pose.rotation)[:, 0]
    within_reach = yaw.abs() + config.largest_turn_deg > config.target_yaw_deg[0]
    error = handplaced_nme(faces.landmarks68_crop, faces.landmarks21_crop, faces.visible21)
    good = ~(error >= config.label_error)  # NaN (no hand-placed points) is kept
    return ((yaw.abs() < config.source_yaw_deg) & within_reach & good).nonzero()[:, 0]


@torch.no_grad()
def turn_faces(
    model: MorphableModel,
    faces: FaceSet,
    seed: int = 0,
    config: LargePoseConfig | None = None,
) -> FaceSet:
    """Turn every face to a larger yaw.

    Args:
        model: the head model that the faces were fitted with, on the CPU.
        faces: N labelled faces, chosen by `turnable`, on the CPU.
        seed: a face's new yaw depends only on the seed and its id.
        config: None takes the defaults.

    Returns:
        N faces in their new poses, ids `<id>-yaw<degrees>-<seed>`, coefficient weights kept.

    Raises:
        ConfigError: there is no face, or it was labelled with another head model.
    """
    config = config or LargePoseConfig()
    if not len(faces):
        raise ConfigError("there is no face to turn; use faces of less yaw or better labels")
    if faces.head_id != model.head_id:
        raise ConfigError(
            f"the faces were labelled with head {faces.head_id}, the head model is "
            f"{model.head_id}; label them again, or convert them with faces_on_head"
        )
    rows = torch.arange(len(faces)).split(1)
    return concatenate([_turned(model, faces.select(row), seed, config) for row in rows])


def _turned(model: MorphableModel, face: FaceSet, seed: int, config: LargePoseConfig) -> FaceSet:
    before = face.coefficients.pose
    angles = euler_deg_from_rotation(before.rotation)
    target = _target_yaw(face.ids[0], float(angles[0, 0]), seed, config)
    rotation = rotation_from_euler_deg(torch.cat([torch.tensor([[target]]), angles[:, 1:]], dim=1))
    pose = Pose(rotation, before.scale, before.translation)
    turn = rotation @ before.rotation.transpose(1, 2)
    view = view_from_image(face.landmarks68_crop, before)
    points = image_from_view(view @ turn.transpose(1, 2), pose)
    crop = square_crop_from_landmarks(points[0, :, :2].numpy())
    mesh = _depth_mesh(model, face, turn)
    image, landmarks21, visible21 = _picture(mesh, face, crop)
    boxes = torch.from_numpy(crop).float()[None]
    return FaceSet(
        ids=(f"{face.ids[0]}-yaw{target:.0f}-{seed}",),
        head_id=model.head_id,
        images=torch.from_numpy(image)[None],
        landmarks68_crop=crop_from_image(points, boxes),
        landmarks21_crop=torch.from_numpy(landmarks21)[None],
        visible21=torch.from_numpy(visible21)[None],
        coefficients=Coefficients(
            crop_pose_from_image(pose, boxes),
            face.coefficients.identity,
            face.coefficients.expression,
        ),
        coefficient_weight=face.coefficient_weight,
        yaw_deg=torch.tensor([target]),
    )


def _target_yaw(name: str, yaw_deg: float, seed: int, config: LargePoseConfig) -> float:
    key = hashlib.sha256(f"{seed} {name}".encode()).digest()
    low, high = config.target_yaw_deg
    high = max(low, min(high, abs(yaw_deg) + config.largest_turn_deg))
    low = max(low, high - config.spread_deg)
    drawn = np.random.default_rng(list(key)).uniform(low, high)
    return float(np.copysign(drawn, yaw_deg))


def _depth_mesh(model: MorphableModel, face: FaceSet, turn: Tensor) -> _DepthMesh:
    """The crop's surface, turned by the view-frame rotation (1, 3, 3)."""
    planar = np.stack(np.meshgrid(_TICKS, _TICKS), axis=-1).reshape(-1, 2)
    pose = face.coefficients.pose
    head = vertices_image(model, face.coefficients)[0].numpy()
    hits = cast_along_z(head, model.triangles, planar)
    depth, distance = _filled(hits.depth.reshape(len(_TICKS), -1))
    source = np.concatenate([planar, depth.reshape(-1, 1)], axis=1)
    view = view_from_image(torch.from_numpy(source)[None], pose)
    turned = image_from_view(view @ turn.transpose(1, 2), pose)[0].numpy()
    stays = source.copy()
    stays[:, 2] = turned[hits.hit, 2].min() - BEHIND_PX
    follows = 1 - smoothstep(distance.reshape(-1, 1), FOLLOWS_PX, STAYS_PX)
    turned = follows * turned + (1 - follows) * stays
    turned[_EDGE, :2] = source[_EDGE, :2] + FRAME_PX * np.sign(source[_EDGE, :2] - CENTRE)
    turned[_EDGE, 2] = turned[:, 2].min() - BEHIND_PX
    return _DepthMesh(source[:, :2], turned)


def _filled(depth: Floats) -> tuple[Floats, Floats]:
    """Depth with NaN (no head) filled from the nearest outline, and the distance to it, pixels.

    Both are (G, G) float32; the distance is 0 on the head.
    """
    empty = np.isnan(depth)
    distance, labels = cv2.distanceTransformWithLabels(
        empty.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(labels.max() + 1, dtype=np.float32)
    of_label[labels[~empty]] = depth[~empty]
    filled = of_label[labels]
    smooth = cv2.GaussianBlur(filled, (0, 0), sigmaX=4.0 / GRID_STEP_PX)
    return np.where(empty, smooth, depth), distance.astype(np.float32) * GRID_STEP_PX


def _picture(
    mesh: _DepthMesh, face: FaceSet, crop: Box
) -> tuple[NDArray[np.uint8], Floats, NDArray[np.bool_]]:
    """(3, 120, 120) RGB of the new crop, and the hand-placed points (21, 2) and flags on it."""
    side = CROP_SIZE * SUPERSAMPLING
    box = torch.from_numpy(crop).float()[None]
    subpixels = torch.from_numpy((pixel_grid(side, side) + 0.5) / SUPERSAMPLING - 0.5)
    points = mesh.follow(face.landmarks21_crop[0].numpy())
    places = np.concatenate([image_from_crop(subpixels[None], box)[0].numpy(), points[:, :2]])
    hits = cast_along_z(mesh.turned, _TRIANGLES, places)
    corners = _TRIANGLES[hits.triangle[: side * side]]
    weights = hits.barycentric[: side * side, :, None]
    source = (mesh.source_crop[corners] * weights).sum(axis=1).reshape(side, side, 2)
    pixels = face.images[0].permute(1, 2, 0).numpy()
    picture = cv2.remap(
        pixels, source[..., 0], source[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    picture = cv2.resize(picture, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_AREA)
    placed = crop_from_image(torch.from_numpy(points[None, :, :2]), box)[0].numpy()
    seen = hits.depth[side * side :] < points[:, 2] + VISIBLE_WITHIN_PX
    seen &= ((placed > -0.5) & (placed < CROP_SIZE - 0.5)).all(axis=1)
    visible = np.asarray(seen & face.visible21[0].numpy(), dtype=np.bool_)
    return np.asarray(picture, dtype=np.uint8).transpose(2, 0, 1), placed, visible
