"""How far to trust a reconstruction, without labels: the error to expect of a face.

Three signals say how hard a face was for the network. The expected error is a sum of them with
weights that are not negative, so that it can only grow with each:

    nme = constant + w_landmarks * landmarks + w_pose * pose + w_identity * identity

The weights belong to a network, since a better one agrees more with itself: they are fitted to the
error at hand-placed points of validation faces (`fit_calibration`) and travel in the weights'
config. Confidence is the same in [0, 1]: 1 / (1 + (nme / 7 %)^2).
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from scipy.optimize import nnls

from dasl.arrays import Array, array_namespace, like
from dasl.errors import ShapeError, WeightsError, check_shape
from dasl.geometry.coefficients import POSE_COUNT, Coefficients, Whitening, encode
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.passes import TwoPasses

CONFIG_KEY = "expected_nme"
HALF_CONFIDENCE_NME = 0.07
"""An expected error of 7 % of the face's size, about twice that of a usual face, has a confidence
of one half."""
FEWEST_FACES = 20
"""Fewest faces for a calibration of four numbers."""


@dataclass(frozen=True)
class Calibration:
    """Expected error as a function of the signals; all numbers are 0 or more.

    Attributes:
        constant: fraction of the face's size.
        landmarks: for each unit of the landmarks' disagreement, itself a fraction of that size.
        pose: for each unit of how unusual the pose is.
        identity: for each standard deviation by which identities differ.
    """

    constant: float
    landmarks: float
    pose: float
    identity: float

    def expected_nme(self, signals: Array) -> Array:
        """(B, 3) of `signals_of` to (B,) fractions of the face's size."""
        return self.constant + signals @ like([self.landmarks, self.pose, self.identity], signals)


DEFAULT_CALIBRATION = Calibration(constant=0.021, landmarks=0.41, pose=0.0026, identity=0.0069)
"""For weights that bring none: about that of the first embedded weights."""


def signals_of(passes: TwoPasses, model: MorphableModel, whitening: Whitening) -> Array:
    """What the passes over B faces say about their error: (B, 3).

    `landmarks`: how far the first pass and the prediction in the mirror lie from the straight one,
    mean of both. `pose`: distance from the training's mean pose (turn, size and place in the crop),
    in standard deviations. `identity`: distance of the first pass's from that in the mirror.
    """
    straight = landmarks68_image(model, passes.straight)
    others = (landmarks68_image(model, other) for other in (passes.first, passes.in_mirror))
    xp = array_namespace(straight)
    landmarks = xp.mean(xp.stack([disagreement(points, straight) for points in others]), axis=0)
    pose = _length(_whitened_pose(passes.result, whitening))
    identity = _length(passes.first.identity - passes.in_mirror.identity)
    return xp.stack([landmarks, pose, identity], axis=1)


def disagreement(first: Array, second: Array) -> Array:
    """Mean distance of two sets of landmarks over the size of the face.

    Args:
        first: (B, 68, 3) image or crop frame.
        second: (B, 68, 3); its box gives the size, sqrt(width * height).

    Returns:
        (B,) fractions.
    """
    xp = array_namespace(second)
    planar = second[..., :2]
    sides = xp.max(planar, axis=1) - xp.min(planar, axis=1)
    size = xp.clip(xp.sqrt(sides[:, 0] * sides[:, 1]), 1e-6, None)
    return xp.mean(_length(first[..., :2] - planar), axis=1) / size


def _length(vectors: Array) -> Array:
    """(..., N) to (...)."""
    return array_namespace(vectors).linalg.vector_norm(vectors, axis=-1)


def _whitened_pose(coefficients: Coefficients, whitening: Whitening) -> Array:
    return encode(coefficients, whitening)[:, :POSE_COUNT]


def confidence_from_nme(nme: Array) -> Array:
    """(B,) expected errors to (B,) confidences in [0, 1]: 1 where no error is expected."""
    return 1 / (1 + (nme / HALF_CONFIDENCE_NME) ** 2)


def nme_from_confidence(confidence: float) -> float:
    """The inverse of `confidence_from_nme`, of one face; infinite for 0."""
    return HALF_CONFIDENCE_NME * math.sqrt(1 / confidence - 1) if confidence > 0 else math.inf


def fit_calibration(signals: Array, nme: Array) -> Calibration | None:
    """Least squares without negative weights.

    Args:
        signals: (N, 3) of validation faces.
        nme: (N,) their errors, fractions; NaN where a face has no hand-placed point.

    Returns:
        The calibration; None where fewer than `FEWEST_FACES` errors are known.

    Raises:
        ShapeError: the two disagree on N.
    """
    check_shape("signals", signals, "N", 3)
    if nme.shape != signals.shape[:1]:
        raise ShapeError(f"nme must be ({len(signals)},) like signals, got {tuple(nme.shape)}")
    signals, nme = np.asarray(signals), np.asarray(nme)
    known = ~np.isnan(nme)
    if int(known.sum()) < FEWEST_FACES:
        return None
    columns = np.concatenate([np.ones_like(signals[:, :1]), signals], axis=1)[known]
    weights, _ = nnls(columns.astype(np.float64), nme[known].astype(np.float64))
    return Calibration(*(float(weight) for weight in np.asarray(weights)))


def config_from_calibration(calibration: Calibration | None) -> dict[str, Any]:
    """What a weights folder's config holds of it; nothing for None."""
    return {} if calibration is None else {CONFIG_KEY: asdict(calibration)}


def calibration_from_config(config: Mapping[str, Any]) -> Calibration:
    """The calibration that a weights folder's config holds, or the default.

    Raises:
        WeightsError: it holds something else than the four numbers.
    """
    if CONFIG_KEY not in config:
        return DEFAULT_CALIBRATION
    numbers = config[CONFIG_KEY]
    names = [field.name for field in fields(Calibration)]
    if not isinstance(numbers, dict) or sorted(numbers) != sorted(names):
        raise WeightsError(
            f"{CONFIG_KEY} in config.json must hold {', '.join(names)}, got {numbers!r}"
        )
    for name, value in numbers.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value < math.inf:
            raise WeightsError(
                f"{CONFIG_KEY}.{name} in config.json must be a number from 0, got {value!r}"
            )
    return Calibration(**numbers)
