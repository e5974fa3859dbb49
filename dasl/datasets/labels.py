"""Training labels: 3D coefficients fitted to the landmarks of each 2D face.

One fit of the head model combines two sources: an off-the-shelf aligner's 68 points (all points,
noisy, in the desired convention) and AFLW's hand-placed points (few, visible ones only, precise,
with their own surface points on the head). In self-training the aligner's points are first averaged
with pseudo-labels, the landmarks of previously trained networks, whose errors differ
(`dasl.datasets.pseudo_labels`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dasl.datasets.conventions import without_leaning
from dasl.datasets.face_rows import Faces2d
from dasl.datasets.face_set import FaceSet
from dasl.datasets.pseudo_labels import crosswise_landmarks68
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import euler_deg_from_rotation
from dasl.head.fitting import Observations, fit
from dasl.head.landmarks import AFLW_EARS, AFLW_POINTS, IBUG_POINTS
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.coefficient_network import CoefficientNetwork


@dataclass(frozen=True)
class LabelWeights:
    """Inverse variances relative to one coordinate of a detected point.

    `teacher` is the weight of a teacher's point when averaged with the detected one. By
    `python -m tools.label_report --teacher` a larger weight is slightly better; the aligner keeps a
    share for points that this measure does not cover, the jaw line and hidden points.
    """

    teacher: float = 8.0
    detected_depth: float = 0.2
    hand_placed: float = 8.0
    ears: float = 1.0


def label_observations(
    faces: Faces2d,
    weights: LabelWeights | None = None,
    teacher68_crop: Tensor | None = None,
) -> Observations:
    """The points that a fit may use of training faces: (N, 68 + 21, 3).

    Args:
        faces: N faces.
        weights: of each kind of point; None takes the defaults.
        teacher68_crop: (N, 68, 3) a teacher's landmarks, averaged with the detected ones.
    """
    weights = weights or LabelWeights()
    count = len(faces)
    detected = faces.detected68_crop.nan_to_num()
    if teacher68_crop is not None:
        detected = _average(detected, teacher68_crop, weights.teacher)
    points = torch.zeros(count, IBUG_POINTS + AFLW_POINTS, 3)
    points[:, :IBUG_POINTS] = detected
    points[:, IBUG_POINTS:, :2] = faces.landmarks21_crop
    seen = faces.visible21.float()
    seen[:, list(AFLW_EARS)] *= weights.ears / weights.hand_placed
    weight = torch.zeros_like(points)
    weight[:, :IBUG_POINTS, :2] = 1.0
    weight[:, :IBUG_POINTS, 2] = weights.detected_depth * ~faces.detected68_crop[..., 2].isnan()
    weight[:, IBUG_POINTS:, :2] = weights.hand_placed * seen[..., None]
    return Observations(points, weight)


def _average(points: Tensor, others: Tensor, weight: float) -> Tensor:
    """Weighted mean of two sets of landmarks (N, 68, 3) with different depth offsets.

    Args:
        points: with a weight of 1.
        others: of the same faces.
        weight: of the others.
    """
    share = weight / (1 + weight)
    mean = torch.lerp(points, others, share)
    own, other = (z - z.mean(dim=1, keepdim=True) for z in (points[..., 2], others[..., 2]))
    mean[..., 2] = torch.lerp(own, other, share)
    return mean


def half_way(landmarks: Tensor, observations: Observations) -> Tensor:
    """Fitted landmarks (N, 68, 3), moved half way to the observed ones in x and y."""
    observed = observations.points_image[:, :IBUG_POINTS, :2]
    return torch.cat((torch.lerp(landmarks[..., :2], observed, 0.5), landmarks[..., 2:]), dim=2)


def wild_faces(model: MorphableModel, faces: Faces2d) -> FaceSet:
    """Faces with image and detected landmarks in x and y only, without 3D labels.

    Args:
        model: gives the number of coefficients; all are 0, with a weight of 0.
        faces: N faces; their hand-placed points are kept for validation.
    """
    count = len(faces)
    landmarks = faces.detected68_crop.clone()
    landmarks[..., 2] = 0.0
    return FaceSet(
        ids=faces.ids,
        head_id=model.head_id,
        images=faces.images,
        landmarks68_crop=landmarks,
        landmarks21_crop=faces.landmarks21_crop,
        visible21=faces.visible21,
        coefficients=Coefficients(
            Pose(
                rotation=torch.eye(3).expand(count, 3, 3).clone(),
                scale=torch.ones(count),
                translation=torch.zeros(count, 2),
            ),
            identity=torch.zeros(count, model.identity_count),
            expression=torch.zeros(count, model.expression_count),
        ),
        coefficient_weight=torch.zeros(count),
        yaw_deg=faces.yaw_deg,
    )


def labelled_faces(
    model: MorphableModel,
    faces: Faces2d,
    coefficient_weight: float,
    use_hand_placed: bool,
    teachers: Sequence[CoefficientNetwork] = (),
    teacher_model: MorphableModel | None = None,
) -> FaceSet:
    """Fit the model to each face; the labels are its coefficients and its landmarks.

    The landmarks are converted to the detected ones' convention (`without_leaning`). A fit smooths
    a teacher's landmarks, which loses as much as it gains. With teachers, the labels' x and y are
    therefore half way between the fit and the landmarks that it was fitted to; by
    `python -m tools.label_report --teacher` this is better than either.

    Args:
        model: the head model.
        faces: N faces.
        coefficient_weight: weight of the fits as 3D truth, 0 to 1.
        use_hand_placed: False for validation, whose hand-placed points no fit may use.
        teachers: one or two trained networks, whose landmarks are averaged with the detected ones;
            see `dasl.datasets.pseudo_labels`.
        teacher_model: the head model of the teachers; None is `model`.
    """
    drawn21 = faces.visible21 & use_hand_placed
    detected = faces.detected68_crop
    pseudo_labels = None
    if teachers:
        landmarks = crosswise_landmarks68(teachers, teacher_model or model, faces, drawn21)
        pseudo_labels = without_leaning(landmarks, detected, model)
    observations = label_observations(faces, teacher68_crop=pseudo_labels)
    if not use_hand_placed:
        observations.weight[:, IBUG_POINTS:] = 0.0
    coefficients = fit(model, observations, progress=True).coefficients
    landmarks = landmarks68_image(model, coefficients)
    if pseudo_labels is not None:
        landmarks = half_way(landmarks, observations)
    fitted_yaw = euler_deg_from_rotation(coefficients.pose.rotation)[:, 0]
    return FaceSet(
        ids=faces.ids,
        head_id=model.head_id,
        images=faces.images,
        landmarks68_crop=without_leaning(landmarks, detected, model),
        landmarks21_crop=faces.landmarks21_crop,
        visible21=faces.visible21,
        coefficients=coefficients,
        coefficient_weight=torch.full((len(faces),), coefficient_weight),
        yaw_deg=torch.where(faces.yaw_deg.isnan(), fitted_yaw, faces.yaw_deg),
    )
