"""Faces without a trained network: the mean head of the real model, mouth open, where told."""

from collections.abc import Sequence

import numpy as np

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.identity_statistics import plain_statistics
from dasl.photo.detector import Detection
from dasl.reconstruction.face import Face, faces_from_coefficients
from dasl.reconstruction.one_person import PersonResult, person_of_photos
from dasl.reconstruction.regression import Regression

SCALE = 900.0  # pixels a metre: a head of about 200 pixels
CONFIDENCE = 0.9


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
        boxes = np.array([self._box(centre) for centre in self.centres])
        coefficients = self._heads(self.centres)
        confidences = [CONFIDENCE] * len(boxes)
        return faces_from_coefficients(self.model, photo, coefficients, boxes, confidences)

    def person(self, photos: Sequence[np.ndarray], *, keep_all: bool = False) -> PersonResult:
        """As the real one, of faces that all look alike."""
        return person_of_photos(self, self.statistics, photos, keep_all)

    def detector(self, image: np.ndarray) -> list[Detection]:
        """The faces of a frame of a clip."""
        return [Detection(self._box(centre), CONFIDENCE) for centre in self.centres]

    def regress(
        self,
        photo: np.ndarray,
        boxes: Sequence[Sequence[float]] | None = None,
        crops: Sequence[Sequence[float]] | None = None,
        rolls_deg: Sequence[float | None] | None = None,
    ) -> Regression:
        """A head for each centre that lies in a box or crop."""
        places = (boxes if crops is None else crops) or ()
        centres = [min(self.centres, key=lambda centre: _away(centre, place)) for place in places]
        coefficients = self._heads(centres)
        landmarks = landmarks68_image(self.model, coefficients)
        confidence = np.full(len(centres), CONFIDENCE, dtype=np.float32)
        nothing = np.zeros((len(centres), 2), dtype=bool)
        return Regression(coefficients, landmarks, confidence, nothing)

    def _heads(self, centres: Sequence[tuple[float, float]]) -> Coefficients:
        count = len(centres)
        identity = np.zeros((count, self.model.identity_count), dtype=np.float32)
        expression = np.zeros((count, self.model.expression_count), dtype=np.float32)
        expression[:, self.model.expression_names.index("jawOpen")] = 0.5
        landmarks = self.model.landmarks68(identity, expression)[0]
        middle = (landmarks.max(axis=0) + landmarks.min(axis=0)) / 2
        shift = np.stack((-middle[0], middle[1])) * SCALE
        pose = Pose(
            rotation_from_euler_deg(np.zeros((count, 3), dtype=np.float32)),
            np.full((count,), SCALE, dtype=np.float32),
            np.array(centres, dtype=np.float32) + shift,
        )
        return Coefficients(pose, identity, expression)

    @staticmethod
    def _box(centre: tuple[float, float]) -> tuple[float, float, float, float]:
        x, y = centre
        return x - 70, y - 80, x + 70, y + 80


def _away(centre: tuple[float, float], place: Sequence[float]) -> float:
    x0, y0, x1, y1 = place
    return abs((x0 + x1) / 2 - centre[0]) + abs((y0 + y1) / 2 - centre[1])
