"""The network at work on photos: crops out, coefficients in photo pixels back."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dasl.arrays import RgbImage
from dasl.geometry.coefficients import Coefficients, Whitening, decode
from dasl.geometry.crop import cut_crop, square_crop_from_landmarks
from dasl.geometry.frames import crop_from_image, image_from_crop, image_pose_from_crop
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.coefficient_network import CoefficientNetwork, fold_batch_norm, network_input
from dasl.network.confidence import (
    DEFAULT_CALIBRATION,
    Calibration,
    confidence_from_nme,
    signals_of,
)
from dasl.network.landmark_map import MAP_POINTS, blank_map, map_points_from_68
from dasl.network.onnx import OnnxNetwork
from dasl.network.passes import GivenPoints, two_passes
from dasl.threads import one_torch_thread


@dataclass(frozen=True, eq=False)
class FaceRequest:
    """One face to reconstruct.

    Attributes:
        photo: (H, W, 3) uint8 RGB.
        box: (4,) where the face is, x0, y0, x1, y1, photo pixels: shown to the user.
        crop: (4,) square around the face.
        recrop: look at `crop` only to find landmarks, and take the crop from these.
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
        landmarks_image: (B, 68, 3).
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
        calibration: Calibration = DEFAULT_CALIBRATION,
    ) -> None:
        """Folds batch normalisation and starts the session.

        Args:
            network: trained network, float32.
            model: head model; must have the network's numbers of coefficients.
            graph: bytes of `graph.onnx`, used on the CPU only.
            device: where torch runs.
            calibration: of this network's confidence.
        """
        self._calibration = calibration
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
        if self._session is None:
            return self._regress(requests)
        with one_torch_thread():  # beside ONNX Runtime torch has only small steps to do
            return self._regress(requests)

    def _regress(self, requests: list[FaceRequest]) -> Regression:
        crops = self._crops(requests)
        boxes = torch.from_numpy(crops).float().to(self.device)
        images = self._images(requests, crops)
        found = two_passes(self._predict, images, self.model, self._given(requests, boxes))
        landmarks = image_from_crop(landmarks68_image(self.model, found.result), boxes)
        pose = image_pose_from_crop(found.result.pose, boxes)
        placed = Coefficients(pose, found.result.identity, found.result.expression)
        signals = signals_of(found, self.model, self._whitening)
        confidence = confidence_from_nme(self._calibration.expected_nme(signals))
        return Regression(placed.cpu(), landmarks.cpu(), confidence.cpu())

    def _crops(self, requests: list[FaceRequest]) -> np.ndarray:
        """(B, 4) the crops that both passes see.

        One look without landmarks is enough to cut a rough crop again: the second pass centres the
        face once more.
        """
        crops = np.stack([request.crop for request in requests])
        rough = [row for row, request in enumerate(requests) if request.recrop]
        if rough:
            images = self._images([requests[row] for row in rough], crops[rough])
            found = self._predict(images, blank_map(len(rough), self.device))
            boxes = torch.from_numpy(crops[rough]).float().to(self.device)
            points = image_from_crop(landmarks68_image(self.model, found), boxes).cpu().numpy()
            crops[rough] = [square_crop_from_landmarks(of_face[:, :2]) for of_face in points]
        return crops

    def _images(self, requests: list[FaceRequest], crops: np.ndarray) -> Tensor:
        """(B, 3, 120, 120) uint8."""
        pixels = np.stack(
            [cut_crop(request.photo, crop) for request, crop in zip(requests, crops, strict=True)]
        )
        return torch.from_numpy(pixels).permute(0, 3, 1, 2).to(self.device)

    def _given(self, requests: list[FaceRequest], boxes: Tensor) -> GivenPoints | None:
        """Given landmarks as points of the map; None where no face has any."""
        if all(request.landmarks_image is None for request in requests):
            return None
        points = torch.zeros(len(requests), 68, 2, device=self.device)
        drawn = torch.zeros(len(requests), len(MAP_POINTS), dtype=torch.bool, device=self.device)
        for row, request in enumerate(requests):
            if request.landmarks_image is not None:
                points[row] = torch.from_numpy(request.landmarks_image).to(points)
                drawn[row] = True
        return GivenPoints(map_points_from_68(crop_from_image(points, boxes)), drawn)

    def _predict(self, images: Tensor, maps: Tensor) -> Coefficients:
        raw = self._run(network_input(images, maps))
        return decode(raw, self._whitening, self._identity_count)

    def _run(self, inputs: Tensor) -> Tensor:
        if self._session is not None:
            return torch.from_numpy(self._session(inputs.numpy()))
        assert self._network is not None
        return self._network(inputs)
