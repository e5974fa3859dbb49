"""Confidence of a reconstruction: its expected error, estimated without labels.

Three signals indicate how difficult a face was for the network. The expected error is a linear
function of them with non-negative weights, so it never decreases with a signal:

    nme = constant + w_landmarks * landmarks + w_pose * pose + w_identity * identity

The weights are specific to a network, since the predictions of a better network differ less. They
are fitted to the error at hand-placed points of validation faces (`fit_calibration`) and stored in
the weights' config. The confidence maps the expected error to [0, 1]: 1 / (1 + (nme / 7 %)^2).
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from dasl.arrays import Array, array_namespace, like
from dasl.errors import ShapeError, WeightsError, check_shape
from dasl.geometry.coefficients import POSE_COUNT, Coefficients, Whitening, encode
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.passes import TwoPasses

CONFIG_KEY = "expected_nme"
HALF_CONFIDENCE_NME = 0.07
"""Expected error with a confidence of one half: 7 % of face size, about twice that of a typical
face."""
FEWEST_FACES = 20
"""Minimum number of faces to fit the four numbers of a calibration."""


@dataclass(frozen=True)
class Calibration:
    """Expected error as a linear function of the signals; all numbers are 0 or more.

    Attributes:
        constant: fraction of the face's size.
        landmarks: weight of the landmarks' disagreement, itself a fraction of that size.
        pose: weight of the pose's distance from the mean pose.
        identity: weight of the identities' difference, per standard deviation.
    """

    constant: float
    landmarks: float
    pose: float
    identity: float

    def expected_nme(self, signals: Array) -> Array:
        """(B, 3) of `signals_of` to (B,) fractions of the face's size."""
        return self.constant + signals @ like([self.landmarks, self.pose, self.identity], signals)


DEFAULT_CALIBRATION = Calibration(constant=0.021, landmarks=0.41, pose=0.0026, identity=0.0069)
"""For weights without a calibration: approximately that of the first embedded weights."""


def signals_of(passes: TwoPasses, model: MorphableModel, whitening: Whitening) -> Array:
    """Error signals from the passes over B faces: (B, 3).

    `landmarks`: mean disagreement of the first and the mirrored prediction with the straight one.
    `pose`: distance from the mean pose in training (rotation, scale, translation in the crop), in
    standard deviations. `identity`: distance between the first and the mirrored prediction's
    identities.
    """
    straight = landmarks68_image(model, passes.straight)
    others = (landmarks68_image(model, other) for other in (passes.first, passes.in_mirror))
    xp = array_namespace(straight)
    landmarks = xp.mean(xp.stack([disagreement(points, straight) for points in others]), axis=0)
    pose = _length(_whitened_pose(passes.result, whitening))
    identity = _length(passes.first.identity - passes.in_mirror.identity)
    return xp.stack([landmarks, pose, identity], axis=1)


def disagreement(first: Array, second: Array) -> Array:
    """Mean distance between two sets of landmarks, divided by the face's size.

    Args:
        first: (B, 68, 3) image or crop frame.
        second: (B, 68, 3); its bounding box gives the size, sqrt(width * height).

    Returns:
        (B,) fractions.
    """
    xp = array_namespace(second)
    planar = second[..., :2]
    sides = xp.max(planar, axis=1) - xp.min(planar, axis=1)
    size = xp.clip(xp.sqrt(sides[:, 0] * sides[:, 1]), 1e-6, None)
    return xp.mean(_length(first[..., :2] - planar), axis=1) / size


def _length(vectors: Array) -> Array:
    """Norm over the last axis: (..., N) to (...)."""
    return array_namespace(vectors).linalg.vector_norm(vectors, axis=-1)


def _whitened_pose(coefficients: Coefficients, whitening: Whitening) -> Array:
    return encode(coefficients, whitening)[:, :POSE_COUNT]


def confidence_from_nme(nme: Array) -> Array:
    """(B,) expected errors to (B,) confidences in [0, 1]; no error gives 1."""
    return 1 / (1 + (nme / HALF_CONFIDENCE_NME) ** 2)


def nme_from_confidence(confidence: float) -> float:
    """The inverse of `confidence_from_nme` for one face; infinite for 0."""
    return HALF_CONFIDENCE_NME * math.sqrt(1 / confidence - 1) if confidence > 0 else math.inf


def fit_calibration(signals: Array, nme: Array) -> Calibration | None:
    """Fit a calibration by non-negative least squares.

    Args:
        signals: (N, 3) of validation faces.
        nme: (N,) their errors, fractions; NaN if a face has no hand-placed point.

    Returns:
        The calibration; None if fewer than `FEWEST_FACES` errors are known.

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
    from scipy.optimize import nnls  # a seventh of a short program's imports

    columns = np.concatenate([np.ones_like(signals[:, :1]), signals], axis=1)[known]
    weights, _ = nnls(columns.astype(np.float64), nme[known].astype(np.float64))
    return Calibration(*(float(weight) for weight in np.asarray(weights)))


def config_from_calibration(calibration: Calibration | None) -> dict[str, Any]:
    """The calibration's entry for a weights folder's config; empty for None."""
    return {} if calibration is None else {CONFIG_KEY: asdict(calibration)}


def calibration_from_config(config: Mapping[str, Any]) -> Calibration:
    """Read the calibration from a weights folder's config; the default if there is none.

    Raises:
        WeightsError: the entry is not made of the four numbers.
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
