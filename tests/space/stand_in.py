"""Faces without a trained network: the mean head of the real model, mouth open, where told."""

from collections.abc import Sequence

import numpy as np
import torch

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.morphable_model import MorphableModel
from dasl.network.identity_statistics import plain_statistics
from dasl.reconstruction.face import Face, faces_from_coefficients

SCALE = 900.0  # pixels a metre: a head of about 200 pixels


class StandInReconstructor:
    """Finds one head for each centre, whatever is on the photo."""

    def __init__(self, centres: Sequence[tuple[float, float]] = ((256.0, 256.0),)) -> None:
        self.model = MorphableModel.load()
        self.statistics = plain_statistics(self.model.identity_count)
        self.centres = list(centres)
        self.calls = 0

    def __call__(self, photo: np.ndarray) -> list[Face]:
        self.calls += 1
        if not self.centres:
            return []
        count = len(self.centres)
        identity = torch.zeros(count, self.model.identity_count)
        expression = torch.zeros(count, self.model.expression_count)
        expression[:, self.model.expression_names.index("jawOpen")] = 0.5
        landmarks = self.model.landmarks68(identity, expression)[0]
        middle = (landmarks.max(dim=0).values + landmarks.min(dim=0).values) / 2
        shift = torch.stack((-middle[0], middle[1])) * SCALE
        coefficients = Coefficients(
            Pose(
                rotation_from_euler_deg(torch.zeros(count, 3)),
                torch.full((count,), SCALE),
                torch.tensor(self.centres) + shift,
            ),
            identity,
            expression,
        )
        boxes = np.array([[x - 70, y - 80, x + 70, y + 80] for x, y in self.centres])
        return faces_from_coefficients(self.model, photo, coefficients, boxes, [0.9] * count)
