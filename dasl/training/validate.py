"""Validation of a network: its error against the hand-placed points, in the three uses of the map.

Blank is the first pass; "second" draws the first pass's own landmarks, as the predictor does;
"hand_placed" draws the points a person gave, which is the most that a map can help.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from dasl.frames import image_from_model
from dasl.landmark_map import (
    blank_map,
    draw_landmark_map,
    map_points_from_21,
    map_points_from_68,
)
from dasl.morphable_model import MorphableModel
from dasl.network import CoefficientNetwork, network_input
from dasl.training.face_set import FaceSet
from dasl.validation import handplaced_nme, summarise

BATCH = 128

MODES = ("blank", "second", "hand_placed")

Validation = dict[str, dict[str, float | None]]
"""Mode to `dasl.validation.summarise`: fractions, None where there is no face to measure."""


@torch.no_grad()
def validate(
    network: CoefficientNetwork, faces: FaceSet, model: MorphableModel, bfloat16: bool = False
) -> Validation:
    """Measure a network in each mode.

    Args:
        network: put in eval mode and left so.
        faces: validation faces, on the network's device.
        model: head model, on the same device.
        bfloat16: run the network in bfloat16 autocast.

    Returns:
        Of each of `MODES`.
    """
    network.eval()
    landmarks: dict[str, list[Tensor]] = {mode: [] for mode in MODES}
    for start in range(0, len(faces), BATCH):
        rows = torch.arange(start, min(start + BATCH, len(faces)), device=faces.device)
        batch = faces.select(rows)

        def points_with(maps: Tensor, images: Tensor = batch.images) -> Tensor:
            return predict_landmarks(network, images, maps, model, bfloat16)

        for mode, points in _three_modes(batch, points_with).items():
            landmarks[mode].append(points)
    return {mode: _summary(torch.cat(points), faces) for mode, points in landmarks.items()}


def _summary(landmarks_crop: Tensor, faces: FaceSet) -> dict[str, float | None]:
    nme = handplaced_nme(landmarks_crop, faces.landmarks21_crop, faces.visible21)
    values = summarise(nme, faces.yaw_deg)
    return {name: None if math.isnan(value) else value for name, value in values.items()}


def _three_modes(batch: FaceSet, points_with: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
    first = points_with(blank_map(len(batch), batch.device))
    own = draw_landmark_map(map_points_from_68(first))
    by_hand = draw_landmark_map(*map_points_from_21(batch.landmarks21_crop, batch.visible21))
    return {"blank": first, "second": points_with(own), "hand_placed": points_with(by_hand)}


@torch.no_grad()
def predict_landmarks(
    network: CoefficientNetwork,
    images: Tensor,
    maps: Tensor,
    model: MorphableModel,
    bfloat16: bool = False,
) -> Tensor:
    """The 68 landmarks that a network finds.

    Args:
        network: in eval mode.
        images: (B, 3, 120, 120) uint8 or float, 0..255.
        maps: (B, 1, 120, 120) landmark maps.
        model: head model.
        bfloat16: run the network in bfloat16 autocast.

    Returns:
        (B, 68, 3) crop frame, pixels.
    """
    with torch.autocast(images.device.type, torch.bfloat16, enabled=bfloat16):
        raw = network(network_input(images, maps))
    found = network.coefficients(raw.float())
    return image_from_model(model.landmarks68(found.identity, found.expression), found.pose)
