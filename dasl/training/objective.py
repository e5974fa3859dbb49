"""The training objective: from the network's raw predictions to the weighted sum of the loss terms.

Only landmark bases and a few hundred fixed face vertices are evaluated, never the whole head.
"""

import dataclasses

import numpy as np
import torch
from torch import Tensor

from dasl.arrays import like
from dasl.datasets.face_set import FaceSet
from dasl.geometry.coefficients import (
    POSE_COUNT,
    Coefficients,
    Whitening,
    decode,
    encode,
    unpack,
)
from dasl.geometry.frames import image_from_model
from dasl.head.landmarks import IBUG_JAW_LINE, IBUG_POINTS, MAP_POINTS
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image
from dasl.network.landmark_map import map_points_from_68
from dasl.training import losses
from dasl.training.config import LossConfig
from dasl.training.learner import Passes
from dasl.training.people import agreement_loss, one_way_round, people_of

VERTEX_SAMPLES = 400

WPDC_SAMPLES = 132
"""Number of vertices that WPDC uses besides the landmarks, as in an early script of 2DASL."""

TYPICAL_PIXELS_PER_METRE = 460.0
"""A face of 0.185 m fills about 85 of the crop's 120 pixels."""

TERMS = (
    "landmark",
    "hand_placed",
    "coefficient",
    "wpdc",
    "prior",
    "bounds",
    "vertex",
    "identity",
    "agreement",
    "consistency_2d",
    "consistency_3d",
    "cycle",
    "self_critic",
    "direct_landmark",
)
"""Every term of the loss; each has its weight in `LossConfig` under the same name."""


class Objective:
    """Terms of the loss for one head model, one whitening and one set of weights."""

    def __init__(self, model: MorphableModel, whitening: Whitening, config: LossConfig) -> None:
        """Pick the vertices and compute the importance of each coefficient, once."""
        self.model = model
        self.whitening = whitening
        self.config = config
        self.weights = {name: float(getattr(config, name)) for name in TERMS}
        device = whitening.std.device
        self._point_weight = torch.ones(IBUG_POINTS, device=device)
        self._point_weight[:IBUG_JAW_LINE] = config.jaw_line
        mask = losses.CENTRAL_WEIGHT if config.central_mask else (1.0,) * len(MAP_POINTS)
        self._map_weight = torch.tensor(mask, device=device)
        face = np.flatnonzero(model.region("face"))
        order = torch.randperm(len(face), generator=torch.Generator().manual_seed(0))
        chosen = face[order[:VERTEX_SAMPLES].numpy()]
        self._mean, self._identity_basis, self._expression_basis = (
            like(np.ascontiguousarray(values), whitening.std)
            for values in (
                model.mean_vertices[chosen],
                model.identity_basis[:, chosen],
                model.expression_basis[:, chosen],
            )
        )
        self._wpdc_points = self._points_of_wpdc()
        self._importance = losses.coefficient_importance(
            self._mean,
            self._identity_basis,
            self._expression_basis,
            whitening.std,
            TYPICAL_PIXELS_PER_METRE,
        )

    @property
    def second_pass(self) -> bool:
        """Whether a term needs the second pass."""
        return self.weights["consistency_3d"] > 0 or self.weights["cycle"] > 0

    def with_vertex_weight(self, weight: float) -> "Objective":
        """A copy with another weight of the vertex distance cost."""
        config = dataclasses.replace(self.config, vertex=weight)
        return Objective(self.model, self.whitening, config)

    def map_points(self, raw: Tensor) -> Tensor:
        """The points that a prediction (B, N) puts into the next map: (B, 18, 2) crop pixels."""
        return map_points_from_68(landmarks68_image(self.model, self._decode(raw)[0]))

    def terms(
        self, passes: Passes, faces: FaceSet, critic_term: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Each term of each sample, unweighted; terms of weight 0 are left out.

        Args:
            passes: the network's predictions.
            faces: B augmented faces.
            critic_term: (B,) of `dasl.training.critic.self_critic_loss`, if there is a critic.

        Returns:
            (B,) for each term's name; terms that need 3D truth are multiplied by the sample's
            coefficient weight.
        """
        predicted, expression = self._decode(passes.first)
        size = losses.face_size_px(faces.landmarks68_crop)
        values = self._supervised(passes.first, predicted, faces, size)
        values |= self._consistent(passes, predicted, faces, size)
        values["prior"] = losses.prior_loss(predicted.identity)
        values["bounds"] = losses.bounds_loss(expression)
        if critic_term is not None:
            values["self_critic"] = critic_term
        if passes.direct_crop is not None:
            values["direct_landmark"] = self._landmark(passes.direct_crop, faces, 0.0)
        return {name: values[name] for name in TERMS if name in values and self.weights[name]}

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """(B,) weighted sum of the terms."""
        return torch.stack([self.weights[name] * value for name, value in terms.items()]).sum(0)

    def _supervised(
        self, raw: Tensor, predicted: Coefficients, faces: FaceSet, size: Tensor
    ) -> dict[str, Tensor]:
        trust, truth = faces.coefficient_weight, faces.coefficients
        target = encode(truth, self.whitening)
        points21 = landmarks21_image(self.model, predicted)
        points68 = landmarks68_image(self.model, predicted)
        values = {
            "landmark": self._landmark(points68, faces, self.config.landmark_depth),
            "hand_placed": losses.handplaced_loss(
                points21, faces.landmarks21_crop, faces.visible21, size
            ),
            "coefficient": trust * losses.coefficient_loss(raw, target, self._importance),
            "vertex": trust * losses.vertex_loss(self._vertices(predicted), self._vertices(truth)),
        }
        if self.weights["identity"] or self.weights["agreement"]:
            values |= self._at_rest(predicted.identity, truth.identity, trust)
        if self.weights["wpdc"]:
            moved = own_displacements_px(raw, target, self.whitening, *self._wpdc_points)
            values["wpdc"] = trust * losses.wpdc_loss(raw, target, moved)
        return values

    def _at_rest(self, predicted: Tensor, truth: Tensor, trust: Tensor) -> dict[str, Tensor]:
        """The terms of identity alone, from (B, K) coefficients."""
        sign = like(self.model.identity_mirror_sign, truth)
        _, signs = one_way_round(truth, sign)
        shapes = self._shapes(predicted * signs)
        return {
            "identity": trust * losses.vertex_loss(shapes, self._shapes(truth * signs)),
            "agreement": agreement_loss(shapes, people_of(truth, trust, sign)),
        }

    def _landmark(self, points: Tensor, faces: FaceSet, depth_weight: float) -> Tensor:
        """The landmark term of (B, 68, 2 or 3); depth counts only if it is known."""
        truth, annotated = faces.landmarks68_crop, faces.coefficient_weight > 0
        depth = points[..., 2:] if points.shape[-1] == 3 else truth[..., 2:]
        depth = torch.where(annotated[:, None, None], depth, truth[..., 2:])
        points = torch.cat((points[..., :2], depth), dim=-1)
        value = losses.landmark_loss(points, truth, self._point_weight, depth_weight)
        return value * annotated if self.config.landmark_faces == "annotated" else value

    def _consistent(
        self, passes: Passes, predicted: Coefficients, faces: FaceSet, size: Tensor
    ) -> dict[str, Tensor]:
        """The self-prediction terms."""
        given = map_points_from_68(faces.landmarks68_crop)
        seen = torch.ones_like(given[..., 0], dtype=torch.bool)
        first = landmarks68_image(self.model, predicted)
        values = {
            "consistency_2d": losses.landmark_consistency_2d_loss(
                map_points_from_68(first), given, seen, self._map_weight, size
            )
        }
        if passes.second is not None:
            second = landmarks68_image(self.model, self._decode(passes.second)[0])
            values["consistency_3d"] = losses.landmark_consistency_3d_loss(first, second, size)
            values["cycle"] = losses.cycle_loss(map_points_from_68(second), given, seen, size)
        return values

    def _decode(self, raw: Tensor) -> tuple[Coefficients, Tensor]:
        """Coefficients as at inference, and the expression before clamping.

        Clamping has no gradient outside its bounds, where an expression would be stuck. A
        straight-through gradient is used here; `bounds_loss` limits the values.
        """
        packed = raw * self.whitening.std + self.whitening.mean
        predicted = unpack(packed, self.model.identity_count)
        free = packed[:, POSE_COUNT + self.model.identity_count :]
        clamped = free + (predicted.expression - free).detach()
        return Coefficients(predicted.pose, predicted.identity, clamped), free

    def _vertices(self, coefficients: Coefficients) -> Tensor:
        """(B, M, 3) metres, model frame, of the chosen vertices."""
        expression = torch.einsum("be,emc->bmc", coefficients.expression, self._expression_basis)
        return self._shapes(coefficients.identity) + expression

    def _shapes(self, identity: Tensor) -> Tensor:
        """(B, M, 3) metres, the same without expression, of (B, K) identities."""
        return self._mean + torch.einsum("bk,kmc->bmc", identity, self._identity_basis)

    def _points_of_wpdc(self) -> tuple[Tensor, Tensor, Tensor]:
        """Mean (P, 3) and bases (K or E, P, 3) of the vertices and landmarks that WPDC uses."""
        counts = self.model.identity_count, self.model.expression_count
        unit = torch.eye(sum(counts) + 1, sum(counts), device=self._mean.device).roll(1, 0)
        points = self.model.landmarks68(unit[:, : counts[0]], unit[:, counts[0] :])
        mean, offsets = points[0], points[1:] - points[0]
        some = slice(WPDC_SAMPLES)
        return (
            torch.cat((self._mean[some], mean)),
            torch.cat((self._identity_basis[:, some], offsets[: counts[0]]), dim=1),
            torch.cat((self._expression_basis[:, some], offsets[counts[0] :]), dim=1),
        )


@torch.no_grad()
def own_displacements_px(
    raw: Tensor,
    target_raw: Tensor,
    whitening: Whitening,
    mean_model: Tensor,
    identity_basis: Tensor,
    expression_basis: Tensor,
) -> Tensor:
    """Displacement of points if one coefficient of the truth is replaced by the predicted one.

    Source: the weights of 3DDFA's WPDC (arXiv 1511.07212), which L_3d of 2DASL uses. The result is
    exact for pose, scale and translation, and for identity and expression, which are linear.

    Args:
        raw: (B, N) predicted, whitened.
        target_raw: (B, N) truth.
        whitening: of both.
        mean_model: (P, 3) metres, the evaluated points.
        identity_basis: (K, P, 3) metres per standard deviation.
        expression_basis: (E, P, 3) metres at full expression.

    Returns:
        (B, N) root mean square over the points in the image, pixels.
    """
    identity_count = len(identity_basis)
    bases = torch.cat((identity_basis, expression_basis))
    truth = decode(target_raw, whitening, identity_count)
    shape = torch.cat((truth.identity, truth.expression), dim=1)
    points = mean_model + torch.einsum("bn,npc->bpc", shape, bases)
    where = image_from_model(points, truth.pose)
    moved = []
    for number in range(POSE_COUNT):
        replaced = target_raw.clone()
        replaced[:, number] = raw[:, number]
        pose = decode(replaced, whitening, identity_count).pose
        moved.append(_rms(image_from_model(points, pose) - where))
    error = (raw - target_raw)[:, POSE_COUNT:] * whitening.std[POSE_COUNT:]
    return torch.cat((torch.stack(moved, dim=1), _of_unit_shape(truth, bases) * error.abs()), dim=1)


def _of_unit_shape(truth: Coefficients, bases: Tensor) -> Tensor:
    """(B, K + E) pixels that a coefficient of 1 moves the points by."""
    projected = torch.einsum("npc,bdc->bnpd", bases, truth.pose.rotation[:, :2])
    return _rms(projected) * truth.pose.scale[:, None]


def _rms(difference: Tensor) -> Tensor:
    """(..., P, 2 or 3) to (...): root of the mean squared length in x and y."""
    return difference[..., :2].square().sum(dim=-1).mean(dim=-1).sqrt()
