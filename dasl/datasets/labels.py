"""Labels for training: 3D coefficients fitted to what is known of each 2D face.

Two sources are joined by one fit of the head model: an off-the-shelf aligner's 68 points (all
points, noisy, of the wanted convention) and AFLW's hand-placed points (few, visible ones only,
exact; they have surface points of their own). In a round of self-training the aligner's points are
first averaged with those of networks trained before, whose errors are others. Two networks, each
trained on one half of the faces, label each other's half: a network relearns its own noise where
it is asked about faces that it has learned by heart.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from tqdm import tqdm

from dasl.datasets.face_rows import Faces2d
from dasl.datasets.face_set import FaceSet
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.frames import IMAGE_AXES, image_from_model
from dasl.geometry.rotation import euler_deg_from_rotation
from dasl.geometry.weak_perspective import weak_perspective_pose
from dasl.head.fitting import Observations, fit
from dasl.head.landmarks import MIRROR_68
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.landmark_map import map_points_from_21
from dasl.network.passes import GivenPoints, landmarks_crop, predictor_of, two_passes

# Where the points of faces_2d lie relative to what the picture shows, x and y, crop pixels. Their
# difference is the mean over the training split at eyes, nose tip and mouth, and is printed by
# `python -m tools.label_report`. How it is shared out was seen in x, where a network that looks
# both ways round the picture cannot learn an offset: docs/training_log.md, "Third session".
DETECTED_OFFSET_PX = (-0.18, -0.17)
HAND_PLACED_OFFSET_PX = (0.40, 0.40)
EARS = (12, 16)
TEACHER_BATCH = 128
LEANING_PRIOR_FACES = 200.0
"""Faces that lean in no direction, added when leaning is measured: a few faces say little."""
LEANING_LARGEST_PX = 8.0
"""Faces on which two methods differ by more (mean over 68 landmarks) say nothing of conventions."""


@dataclass(frozen=True)
class LabelWeights:
    """Inverse variances relative to one coordinate of a detected point.

    `taught` is that of a teacher's point when it is averaged with the detected one. By
    `python -m tools.label_report --teacher` more is better still by a little; the aligner keeps a
    share for what that measure does not see, the jaw line and what is hidden.
    """

    taught: float = 8.0
    detected_depth: float = 0.2
    hand_placed: float = 8.0
    ears: float = 1.0


def without_offsets(faces: Faces2d, hand_placed: bool = True) -> Faces2d:
    """Faces of faces_2d with their points where the picture shows them.

    Args:
        faces: as read.
        hand_placed: False leaves the hand-placed points as they are, by which validation measures.
    """
    detected = faces.detected68_crop.clone()
    detected[..., :2] -= torch.tensor(DETECTED_OFFSET_PX)
    placed = faces.landmarks21_crop
    if hand_placed:
        moved = placed - torch.tensor(HAND_PLACED_OFFSET_PX)
        placed = torch.where(faces.visible21[..., None], moved, placed)
    return replace(faces, detected68_crop=detected, landmarks21_crop=placed)


def label_observations(
    faces: Faces2d,
    weights: LabelWeights | None = None,
    taught68_crop: Tensor | None = None,
) -> Observations:
    """What a fit may use of training faces: (N, 68 + 21, 3).

    Args:
        faces: N faces.
        weights: of each kind of point.
        taught68_crop: (N, 68, 3) a network's landmarks, averaged with the detected ones.
    """
    weights = weights or LabelWeights()
    count = len(faces)
    points = torch.zeros(count, 89, 3)
    points[:, :68] = faces.detected68_crop.nan_to_num()
    if taught68_crop is not None:
        points[:, :68] = _average(points[:, :68], taught68_crop, weights.taught)
    points[:, 68:, :2] = faces.landmarks21_crop
    weight = torch.zeros(count, 89, 3)
    weight[:, :68, :2] = 1.0
    weight[:, :68, 2] = weights.detected_depth * ~faces.detected68_crop[..., 2].isnan()
    seen = faces.visible21.float()
    seen[:, list(EARS)] *= weights.ears / weights.hand_placed
    weight[:, 68:, :2] = weights.hand_placed * seen[..., None]
    return Observations(points, weight)


def _average(points: Tensor, others: Tensor, weight: float) -> Tensor:
    """Mean of two sets of landmarks (N, 68, 3) whose depths have offsets of their own.

    Args:
        points: each weighs 1.
        others: of the same faces.
        weight: of each of these.
    """
    share = weight / (1 + weight)
    mean = torch.lerp(points, others, share)
    own, other = (z - z.mean(dim=1, keepdim=True) for z in (points[..., 2], others[..., 2]))
    mean[..., 2] = torch.lerp(own, other, share)
    return mean


def without_leaning(
    landmarks68_crop: Tensor, detected68_crop: Tensor, model: MorphableModel
) -> Tensor:
    """A method's landmarks in the detected ones' convention: (N, 68, 3) crop pixels.

    Where a landmark lies on average is a convention: how wide a jaw line is drawn, how far out a
    mouth's corner, how high a nose's bridge. What a head model or a network has of its own there is
    estimated as one offset of each landmark in the head's frame, least squares over all faces, and
    removed; from x and y for x and y, and from depth, where it is detected, for depth.

    Args:
        landmarks68_crop: (N, 68, 3).
        detected68_crop: (N, 68, 3) of the same faces; a face's depths may be NaN.
        model: its mean head gives the rotation of each face.
    """
    mean = model.landmarks68_of(model.mean_vertices)[None]
    pose = weak_perspective_pose(mean, detected68_crop, torch.ones(detected68_crop.shape[:2]))
    towards = IMAGE_AXES[:, None] * pose.rotation
    difference = landmarks68_crop - detected68_crop
    difference[..., 2] -= difference[..., 2].mean(dim=1, keepdim=True)
    alike = difference[..., :2].norm(dim=-1).mean(dim=1) < LEANING_LARGEST_PX
    moved = landmarks68_crop.clone()
    for axes in (slice(0, 2), slice(2, 3)):
        known = alike & difference[..., axes].isfinite().all(dim=(1, 2))
        offsets = _leaning(towards[known, axes], difference[known][..., axes])
        moved[..., axes] -= torch.einsum("nij,pj->npi", towards[:, axes], offsets)
    return moved


def _leaning(towards: Tensor, difference: Tensor) -> Tensor:
    """(68, 3) the offsets, alike left and right, that explain a difference (N, 68, A) best.

    Args:
        towards: (N, A, 3) the rotation's rows of these A axes.
        difference: crop pixels.
    """
    normal = torch.einsum("nij,nik->jk", towards, towards) + LEANING_PRIOR_FACES * torch.eye(3)
    right = torch.einsum("nij,npi->pj", towards, difference)
    offsets = torch.linalg.solve(normal, right.T).T
    return (offsets + offsets[list(MIRROR_68)] * torch.tensor([-1.0, 1.0, 1.0])) / 2


@torch.no_grad()
def taught_landmarks68(
    network: CoefficientNetwork, model: MorphableModel, faces: Faces2d, drawn21: Tensor
) -> Tensor:
    """A network's landmarks, with hand-placed points in its map: (N, 68, 3) crop pixels.

    Args:
        network: the teacher; put in eval mode.
        model: the head model.
        faces: N faces.
        drawn21: (N, 21) bool, the hand-placed points it may see.
    """
    network.eval()
    predict = predictor_of(network)
    found = []
    for start in tqdm(range(0, len(faces), TEACHER_BATCH), desc="teacher", disable=None):
        rows = slice(start, start + TEACHER_BATCH)
        given = GivenPoints(*map_points_from_21(faces.landmarks21_crop[rows], drawn21[rows]))
        passes = two_passes(predict, faces.images[rows], model, given)
        found.append(landmarks_crop(passes.result, model))
    return torch.cat(found)


def half_of(name: str) -> int:
    """The half of the training faces, 0 or 1, that a face is in: by the hash of its name."""
    return hashlib.sha256(name.encode()).digest()[-1] % 2


def crosswise_landmarks68(
    teachers: Sequence[CoefficientNetwork], model: MorphableModel, faces: Faces2d, drawn21: Tensor
) -> Tensor:
    """Landmarks of one network, or of two of which each is asked about the half it did not see.

    Args:
        teachers: one network; or two, trained on half 0 and on half 1.
        model: the head model.
        faces: N faces.
        drawn21: (N, 21) bool, the hand-placed points they may see.

    Returns:
        (N, 68, 3) crop pixels.
    """
    if len(teachers) == 1:
        return taught_landmarks68(teachers[0], model, faces, drawn21)
    halves = torch.tensor([half_of(name) for name in faces.ids])
    taught = torch.zeros(len(faces), 68, 3)
    for own, teacher in enumerate(teachers):
        rows = (halves != own).nonzero()[:, 0]
        if len(rows):
            taught[rows] = taught_landmarks68(teacher, model, faces.select(rows), drawn21[rows])
    return taught


def fitted_landmarks68(model: MorphableModel, coefficients: Coefficients) -> Tensor:
    """The fitted model's landmarks: (N, 68, 3) crop pixels."""
    points = model.landmarks68(coefficients.identity, coefficients.expression)
    return image_from_model(points, coefficients.pose)


def wild_faces(model: MorphableModel, faces: Faces2d) -> FaceSet:
    """Faces of which only the image and the detected landmarks in x and y are known.

    Args:
        model: says how many coefficients there are; all are 0, with a weight of 0.
        faces: N faces; their hand-placed points are kept, for measuring.
    """
    count = len(faces)
    landmarks = faces.detected68_crop.clone()
    landmarks[..., 2] = 0.0
    return FaceSet(
        ids=faces.ids,
        images=faces.images,
        landmarks68_crop=landmarks,
        landmarks21_crop=faces.landmarks21_crop,
        visible21=faces.visible21,
        rotation=torch.eye(3).expand(count, 3, 3).clone(),
        scale=torch.ones(count),
        translation=torch.zeros(count, 2),
        identity=torch.zeros(count, model.identity_count),
        expression=torch.zeros(count, model.expression_count),
        coefficient_weight=torch.zeros(count),
        yaw_deg=faces.yaw_deg,
    )


def labelled_faces(
    model: MorphableModel,
    faces: Faces2d,
    coefficient_weight: float,
    use_hand_placed: bool,
    teachers: Sequence[CoefficientNetwork] = (),
) -> FaceSet:
    """Fits the model to each face; labels are its coefficients, and its landmarks unleaned.

    Args:
        model: the head model.
        faces: N faces.
        coefficient_weight: how far the fits count as 3D truth, 0 to 1.
        use_hand_placed: False for validation, whose hand-placed points no fit may use.
        teachers: one or two trained networks, whose landmarks are averaged with the detected ones;
            see `crosswise_landmarks68`.
    """
    drawn21 = faces.visible21 & use_hand_placed
    detected = faces.detected68_crop
    taught = None
    if teachers:
        found68 = crosswise_landmarks68(teachers, model, faces, drawn21)
        taught = without_leaning(found68, detected, model)
    observations = label_observations(faces, taught68_crop=taught)
    if not use_hand_placed:
        observations.weight[:, 68:] = 0.0
    result = fit(model, observations, progress=True)
    found = result.coefficients
    fitted_yaw = euler_deg_from_rotation(found.pose.rotation)[:, 0]
    return FaceSet(
        ids=faces.ids,
        images=faces.images,
        landmarks68_crop=without_leaning(fitted_landmarks68(model, found), detected, model),
        landmarks21_crop=faces.landmarks21_crop,
        visible21=faces.visible21,
        rotation=found.pose.rotation,
        scale=found.pose.scale,
        translation=found.pose.translation,
        identity=found.identity,
        expression=found.expression,
        coefficient_weight=torch.full((len(faces),), coefficient_weight),
        yaw_deg=torch.where(faces.yaw_deg.isnan(), fitted_yaw, faces.yaw_deg),
    )
