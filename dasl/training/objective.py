"""The training objective: from the network's raw output to the weighted sum of the loss terms.

Only landmark bases and a few hundred fixed face vertices are evaluated, never the whole head.
"""

import torch
from torch import Tensor

from dasl.coefficients import POSE_COUNT, Coefficients, Whitening, encode, unpack
from dasl.frames import image_from_model
from dasl.losses import (
    bounds_loss,
    coefficient_importance,
    coefficient_loss,
    face_size_px,
    handplaced_loss,
    landmark_loss,
    prior_loss,
    vertex_loss,
)
from dasl.morphable_model import MorphableModel
from dasl.training.config import LossConfig
from dasl.training.face_set import FaceSet
from dasl.training.whitening import labels_of

VERTEX_SAMPLES = 400

TYPICAL_PIXELS_PER_METRE = 500.0
"""A face of 0.17 m fills about 85 of the crop's 120 pixels."""

JAW_POINTS = 17


class Objective:
    """Terms of the loss for one head model, one whitening and one set of weights."""

    def __init__(self, model: MorphableModel, whitening: Whitening, config: LossConfig) -> None:
        """Pick the vertices and compute the importance of each coefficient, once."""
        self.model = model
        self.whitening = whitening
        self.weights = {
            "landmark": config.landmark,
            "hand_placed": config.hand_placed,
            "coefficient": config.coefficient,
            "prior": config.prior,
            "bounds": config.bounds,
            "vertex": config.vertex,
        }
        self.depth_weight = config.landmark_depth
        device = model.mean_vertices.device
        self.point_weight = torch.ones(68, device=device)
        self.point_weight[:JAW_POINTS] = config.jaw_line
        face = model.region("face").nonzero()[:, 0].to(device)
        order = torch.randperm(len(face), generator=torch.Generator().manual_seed(0))
        chosen = face[order[:VERTEX_SAMPLES].to(face.device)]
        self.mean = model.mean_vertices[chosen]
        self.bases = torch.cat(
            (model.identity_basis[:, chosen], model.expression_basis[:, chosen])
        ).flatten(1)
        self.importance = coefficient_importance(
            self.mean,
            model.identity_basis[:, chosen],
            model.expression_basis[:, chosen],
            whitening.std,
            TYPICAL_PIXELS_PER_METRE,
        )

    def terms(self, raw: Tensor, faces: FaceSet) -> dict[str, Tensor]:
        """Each term of each sample, unweighted.

        Args:
            raw: (B, 9 + K + E) float32 output of the network.
            faces: B augmented faces.

        Returns:
            Name of each term to (B,); those that need 3D truth are multiplied by how far the
            sample's coefficients are trusted.
        """
        found, expression = self._decode(raw)
        shape = (found.identity, found.expression)
        points68 = image_from_model(self.model.landmarks68(*shape), found.pose)
        points21 = image_from_model(self.model.landmarks21(*shape), found.pose)
        trust = faces.coefficient_weight
        truth = labels_of(faces)
        return {
            "landmark": landmark_loss(
                points68, faces.landmarks68_crop, self.point_weight, self.depth_weight
            ),
            "hand_placed": handplaced_loss(
                points21,
                faces.landmarks21_crop,
                faces.visible21,
                face_size_px(faces.landmarks68_crop),
            ),
            "coefficient": trust
            * coefficient_loss(raw, encode(truth, self.whitening), self.importance),
            "prior": prior_loss(found.identity),
            "bounds": bounds_loss(expression),
            "vertex": trust * vertex_loss(self._vertices(found), self._vertices(truth)),
        }

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """(B,) weighted sum of the terms."""
        return torch.stack([self.weights[name] * value for name, value in terms.items()]).sum(0)

    def _decode(self, raw: Tensor) -> tuple[Coefficients, Tensor]:
        """Coefficients as the predictor reads them, and the expression before it is clamped.

        Clamping gives no gradient beyond its bounds, where an expression would be stuck. The
        gradient passes straight through it here; `bounds_loss` keeps numbers from running away.
        """
        packed = raw * self.whitening.std + self.whitening.mean
        found = unpack(packed, self.model.identity_count)
        free = packed[:, POSE_COUNT + self.model.identity_count :]
        clamped = free + (found.expression - free).detach()
        return Coefficients(found.pose, found.identity, clamped), free

    def _vertices(self, coefficients: Coefficients) -> Tensor:
        """(B, M, 3) metres, model frame, of the chosen vertices."""
        shape = torch.cat((coefficients.identity, coefficients.expression), dim=1)
        return (shape @ self.bases).view(len(shape), -1, 3) + self.mean
