"""The two passes of the network over face crops: tensors in, coefficients out.

The first pass sees a blank landmark map. Its landmarks (or landmarks that the caller gave) are
drawn into the map for the second: the method's self-mapping, used at test time. How far the two
passes disagree says how far the result can be trusted; it needs no labels.
"""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dasl.coefficients import Coefficients, Whitening, decode
from dasl.crop import RgbImage, cut_crop, square_crop_from_landmarks
from dasl.frames import crop_from_image, image_from_model, image_pose_from_crop
from dasl.landmark_map import blank_map, draw_landmark_map, map_points_from_68
from dasl.morphable_model import MorphableModel
from dasl.network import CoefficientNetwork, fold_batch_norm, network_input
from dasl.onnx_export import OnnxNetwork

# Disagreement of the two passes (as an NME) at which confidence is 1/e of its maximum;
# `python -m tools.calibrate_confidence` prints it from the validation split.
CONFIDENCE_SCALE = 0.05


@dataclass(frozen=True, eq=False)
class FaceRequest:
    """One face to reconstruct.

    Attributes:
        photo: (H, W, 3) uint8 RGB.
        box: (4,) where the face is, x0, y0, x1, y1, photo pixels: shown to the user.
        crop: (4,) square that the first pass sees.
        recrop: take the second pass's crop from the first pass's landmarks.
        landmarks_image: (68, 2) points to draw into the map, or None for the network's own.
    """

    photo: RgbImage
    box: np.ndarray
    crop: np.ndarray
    recrop: bool
    landmarks_image: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Regression:
    """What the network found for B faces, on the CPU.

    Attributes:
        coefficients: pose maps the model to photo pixels.
        landmarks_image: (B, 68, 3) of the second pass.
        confidence: (B,) in [0, 1].
    """

    coefficients: Coefficients
    landmarks_image: Tensor
    confidence: Tensor

    def rows(self, start: int, stop: int) -> "Regression":
        """Some faces of the batch."""
        return Regression(
            self.coefficients.rows(start, stop),
            self.landmarks_image[start:stop],
            self.confidence[start:stop],
        )


class Regressor:
    """A network ready to run: ONNX Runtime on the CPU where a graph is given, torch elsewhere."""

    def __init__(
        self,
        network: CoefficientNetwork,
        model: MorphableModel,
        graph: bytes | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        """Folds batch normalisation and starts the session.

        Args:
            network: trained network, float32.
            model: head model; must have the network's numbers of coefficients.
            graph: bytes of `graph.onnx`, used on the CPU only.
            device: where torch runs.
        """
        self.device = torch.device(device)
        on_cpu = self.device.type == "cpu"
        self.model = model if on_cpu else copy.deepcopy(model).to(self.device)
        self._identity_count = network.config.identity_count
        self._whitening = Whitening(
            network.whitening_mean.to(self.device), network.whitening_std.to(self.device)
        )
        self._session = OnnxNetwork(network, graph) if graph is not None and on_cpu else None
        self._network = None if self._session else fold_batch_norm(network).to(self.device)

    @torch.no_grad()
    def __call__(self, requests: list[FaceRequest]) -> Regression:
        """Both passes over a batch of faces."""
        crops = np.stack([request.crop for request in requests])
        _, points_first = self._pass(requests, crops, None)
        crops = np.stack(
            [
                square_crop_from_landmarks(points[:, :2]) if request.recrop else request.crop
                for request, points in zip(requests, points_first.cpu().numpy(), strict=True)
            ]
        )
        second, points_second = self._pass(requests, crops, self._drawn(requests, points_first))
        return Regression(
            coefficients=second.cpu(),
            landmarks_image=points_second.cpu(),
            confidence=confidence_from_disagreement(
                disagreement(points_first, points_second)
            ).cpu(),
        )

    def _drawn(self, requests: list[FaceRequest], points_first: Tensor) -> Tensor:
        """(B, 68, 2) points for the second pass's map, photo pixels."""
        given = [request.landmarks_image for request in requests]
        rows = [
            points[:, :2] if landmarks is None else torch.from_numpy(landmarks).to(points)
            for landmarks, points in zip(given, points_first, strict=True)
        ]
        return torch.stack(rows)

    def _pass(
        self, requests: list[FaceRequest], crops: np.ndarray, drawn_image: Tensor | None
    ) -> tuple[Coefficients, Tensor]:
        """One pass: coefficients in photo pixels and their landmarks (B, 68, 3)."""
        pixels = np.stack(
            [cut_crop(request.photo, crop) for request, crop in zip(requests, crops, strict=True)]
        )
        images = torch.from_numpy(pixels).permute(0, 3, 1, 2).to(self.device)
        boxes = torch.from_numpy(crops).float().to(self.device)
        if drawn_image is None:
            maps = blank_map(len(requests), self.device)
        else:
            drawn_crop = crop_from_image(drawn_image, boxes)
            maps = draw_landmark_map(map_points_from_68(drawn_crop))
        raw = self._run(network_input(images, maps))
        found = decode(raw, self._whitening, self._identity_count)
        pose = image_pose_from_crop(found.pose, boxes)
        points = self.model.landmarks68(found.identity, found.expression)
        placed = Coefficients(pose, found.identity, found.expression)
        return placed, image_from_model(points, pose)

    def _run(self, inputs: Tensor) -> Tensor:
        if self._session is not None:
            return torch.from_numpy(self._session(inputs.numpy()))
        assert self._network is not None
        return self._network(inputs)


def disagreement(first: Tensor, second: Tensor) -> Tensor:
    """Mean distance of two sets of landmarks over the size of the face.

    Args:
        first: (B, 68, 3) image frame.
        second: (B, 68, 3); its box gives the size, sqrt(width * height).

    Returns:
        (B,) fractions.
    """
    planar = second[..., :2]
    sides = planar.amax(dim=1) - planar.amin(dim=1)
    size = sides.prod(dim=1).sqrt().clamp_min(1e-6)
    return (first[..., :2] - planar).norm(dim=-1).mean(dim=1) / size


def confidence_from_disagreement(fraction: Tensor) -> Tensor:
    """(B,) disagreement to (B,) confidence in [0, 1]: 1 where the passes agree."""
    return torch.exp(-fraction / CONFIDENCE_SCALE)
