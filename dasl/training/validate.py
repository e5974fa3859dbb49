"""Validation of a network: its error on the hand-placed points, with three kinds of map.

"blank" is the first pass. "second" is the result of both passes, as at inference. "hand_placed" has
the hand-placed points in the map, which shows the best that a map can achieve.
"""

import math

import torch
from torch import Tensor

from dasl.datasets.face_set import FaceSet
from dasl.datasets.handplaced import handplaced_nme, summarise
from dasl.geometry.coefficients import Whitening
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.confidence import Calibration, fit_calibration, signals_of
from dasl.network.landmark_map import map_points_from_21
from dasl.network.passes import GivenPoints, Predict, two_passes
from dasl.network.torch_network import predictor_of

BATCH = 128

MODES = ("blank", "second", "hand_placed")

Validation = dict[str, dict[str, float | None]]
"""Results of `dasl.datasets.handplaced.summarise` by mode: fractions; None without any face."""


@torch.no_grad()
def validate(
    network: CoefficientNetwork, faces: FaceSet, model: MorphableModel, bfloat16: bool = False
) -> Validation:
    """Measure a network in each mode.

    Args:
        network: put in eval mode and left so.
        faces: validation faces, on the network's device.
        model: head model.
        bfloat16: run the network in bfloat16 autocast.

    Returns:
        The results for each of `MODES`.
    """
    network.eval()
    predict = predictor_of(network, bfloat16)
    landmarks: dict[str, list[Tensor]] = {mode: [] for mode in MODES}
    for start in range(0, len(faces), BATCH):
        rows = torch.arange(start, min(start + BATCH, len(faces)), device=faces.device)
        batch = faces.select(rows)
        for mode, points in _three_modes(batch, predict, model).items():
            landmarks[mode].append(points)
    return {mode: _summary(torch.cat(points), faces) for mode, points in landmarks.items()}


@torch.no_grad()
def calibrate_confidence(
    network: CoefficientNetwork, faces: FaceSet, model: MorphableModel, bfloat16: bool = False
) -> Calibration | None:
    """Fit the map from the passes' disagreement to the expected error; arguments as `validate`.

    Returns:
        The calibration; None if too few faces have hand-placed points.
    """
    signals, errors = signals_and_errors(network, faces, model, bfloat16)
    return fit_calibration(signals.cpu(), errors.cpu())


@torch.no_grad()
def signals_and_errors(
    network: CoefficientNetwork, faces: FaceSet, model: MorphableModel, bfloat16: bool = False
) -> tuple[Tensor, Tensor]:
    """(N, 3) signals of `dasl.network.confidence` and (N,) errors of the result.

    Errors are those of `handplaced_nme`.
    """
    network.eval()
    predict = predictor_of(network, bfloat16)
    whitening = Whitening(network.whitening_mean, network.whitening_std)
    passes = [two_passes(predict, images, model) for images in faces.images.split(BATCH)]
    signals = torch.cat([signals_of(both, model, whitening) for both in passes])
    landmarks = torch.cat([landmarks68_image(model, both.result) for both in passes])
    return signals, handplaced_nme(landmarks, faces.landmarks21_crop, faces.visible21)


def _summary(landmarks_crop: Tensor, faces: FaceSet) -> dict[str, float | None]:
    nme = handplaced_nme(landmarks_crop, faces.landmarks21_crop, faces.visible21)
    values = summarise(nme, faces.yaw_deg)
    return {name: None if math.isnan(value) else value for name, value in values.items()}


def _three_modes(batch: FaceSet, predict: Predict, model: MorphableModel) -> dict[str, Tensor]:
    by_hand = GivenPoints(*map_points_from_21(batch.landmarks21_crop, batch.visible21))
    own = two_passes(predict, batch.images, model)
    helped = two_passes(predict, batch.images, model, by_hand)
    predictions = {"blank": own.first, "second": own.result, "hand_placed": helped.result}
    return {mode: landmarks68_image(model, part) for mode, part in predictions.items()}
