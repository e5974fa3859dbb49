"""The network at work on photos: crops out, coefficients in photo pixels back.

The network has learned faces that lean by up to 45 degrees. A face of which it is not sure is
looked at again with its crop turned, and the look counts in which it agrees best with itself.
"""

import copy
import math
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
import torch
from torch import Tensor

from dasl.arrays import RgbImage
from dasl.geometry.coefficients import Coefficients, Whitening, concatenated, decode
from dasl.geometry.crop import cut_crop, square_crop_from_landmarks
from dasl.geometry.frames import crop_from_image, image_from_crop, image_pose_from_crop
from dasl.geometry.similarity import (
    Similarity,
    transform_points,
    transform_pose,
    turned,
    warp_images,
)
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.coefficient_network import CoefficientNetwork, fold_batch_norm, network_input
from dasl.network.confidence import (
    DEFAULT_CALIBRATION,
    Calibration,
    confidence_from_nme,
    signals_of,
)
from dasl.network.error_head import REGIONS, ErrorHead
from dasl.network.error_signals import least_nme
from dasl.network.landmark_map import MAP_POINTS, blank_map, map_points_from_68
from dasl.network.onnx import OnnxNetwork
from dasl.network.passes import GivenPoints, TwoPasses
from dasl.network.recorded_passes import recorded_passes
from dasl.processes import one_torch_thread

LEARNED_DEG = 45.0
"""How far faces lean that the network has learned."""

DOUBTFUL = (
    (0.75, (90.0, 180.0, 270.0)),
    (0.66, (45.0, 135.0, 225.0, 315.0)),
)
"""Faces below a confidence are looked at again after turns, degrees. Of validation faces, which are
upright, one in eighteen is below the first and one in fifty below the second."""

BETTER, BELIEVED = 1.1, 0.55
"""A look after a turn counts instead if it is so much more confident, and at least so confident:
chosen on validation faces as they are and turned, so that upright ones lose nothing."""


FINEST_PX = 1.25
"""No landmark is expected to lie closer than so many pixels of the photo: a face of 30 pixels says
no more."""

COVERED = (0.3, 0.75)
"""Probability from which on each of `REGIONS` counts as covered: said of one in a hundred undamaged
validation faces, of which some do wear dark glasses."""


@dataclass(frozen=True, eq=False)
class FaceRequest:
    """One face to reconstruct.

    Attributes:
        photo: (H, W, 3) uint8 RGB.
        box: (4,) where the face is, x0, y0, x1, y1, photo pixels: shown to the user.
        crop: (4,) square around the face.
        recrop: use `crop` only to predict landmarks, and take the crop from these.
        landmarks_image: (68, 2) points to draw into the map, or None for the network's own.
        roll_deg: how far the face leans clockwise, roughly, where that is known; None finds out.
    """

    photo: RgbImage
    box: np.ndarray
    crop: np.ndarray
    recrop: bool
    landmarks_image: np.ndarray | None = None
    roll_deg: float | None = None


@dataclass(frozen=True, eq=False)
class Regression:
    """What the network predicts for B faces, on the CPU.

    Attributes:
        coefficients: pose maps the model to photo pixels.
        landmarks_image: (B, 68, 3).
        confidence: (B,) in [0, 1].
        covered: (B, 2) bool, which of `dasl.network.error_head.REGIONS` seem covered.
    """

    coefficients: Coefficients
    landmarks_image: Tensor
    confidence: Tensor
    covered: Tensor

    def rows(self, start: int, stop: int) -> "Regression":
        """Some faces of the batch."""
        return Regression(
            self.coefficients.rows(start, stop),
            self.landmarks_image[start:stop],
            self.confidence[start:stop],
            self.covered[start:stop],
        )

    def or_better(self, others: "Regression", rows: Tensor) -> "Regression":
        """The same with those of other looks at its faces that are clearly more confident.

        Args:
            others: of L looks; a face may have several.
            rows: (L,) int64, which face each look was at.
        """
        chosen = torch.arange(len(self.confidence))
        best = (self.confidence * BETTER).clamp_min(BELIEVED)
        for look, row in enumerate(rows.tolist()):
            if others.confidence[look] > best[row]:
                chosen[row], best[row] = len(chosen) + look, others.confidence[look]
        return Regression(
            concatenated((self.coefficients, others.coefficients)).take(chosen),
            torch.cat((self.landmarks_image, others.landmarks_image))[chosen],
            torch.cat((self.confidence, others.confidence))[chosen],
            torch.cat((self.covered, others.covered))[chosen],
        )

    def covered_regions(self) -> list[tuple[str, ...]]:
        """Of each face the names of the regions that seem covered."""
        return [tuple(compress(REGIONS, of_face)) for of_face in self.covered.tolist()]

    def as_fine_as_pixels(self) -> "Regression":
        """The same with no more confidence than the pixels of each face allow."""
        planar = self.landmarks_image[..., :2]
        size = (planar.amax(dim=1) - planar.amin(dim=1)).prod(dim=1).sqrt().clamp_min(1e-3)
        most = confidence_from_nme(FINEST_PX / size)
        return replace(self, confidence=self.confidence.minimum(most))


class Regressor:
    """A network ready to run: ONNX Runtime on the CPU where a graph is given, torch elsewhere."""

    def __init__(
        self,
        network: CoefficientNetwork,
        model: MorphableModel,
        graph: bytes | None = None,
        device: torch.device | str = "cpu",
        calibration: Calibration = DEFAULT_CALIBRATION,
        error_head: ErrorHead | None = None,
    ) -> None:
        """Folds batch normalisation and starts the session.

        Args:
            network: trained network, float32.
            model: head model; must have the network's numbers of coefficients.
            graph: bytes of `graph.onnx`, used on the CPU only.
            device: where torch runs.
            calibration: of this network's confidence, where there is no `error_head`.
            error_head: says how wrong this network is, and what of a face is covered.
        """
        self._calibration, self._error_head = calibration, error_head
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
        """Both passes over a batch of faces, whichever way up they are."""
        if self._session is None:
            return self._any_way_up(requests)
        with one_torch_thread():  # beside ONNX Runtime torch has only small steps to do
            return self._any_way_up(requests)

    def _any_way_up(self, requests: list[FaceRequest]) -> Regression:
        """Looks at faces as they are, or as they are known to lean; then turns the doubtful."""
        known = torch.tensor([request.roll_deg or 0.0 for request in requests])
        found = self._regress(requests, (known / LEARNED_DEG).round() * math.radians(LEARNED_DEG))
        free = torch.tensor([request.roll_deg is None for request in requests])
        free &= torch.tensor([request.landmarks_image is None for request in requests])
        for sure, turns_deg in DOUBTFUL:
            rows = ((found.confidence < sure) & free).nonzero()[:, 0].repeat(len(turns_deg))
            if len(rows):
                again = [requests[row] for row in rows.tolist()]
                turns = torch.tensor(turns_deg).repeat_interleave(len(rows) // len(turns_deg))
                found = found.or_better(self._regress(again, turns.deg2rad()), rows)
        return found.as_fine_as_pixels()

    def _regress(self, requests: list[FaceRequest], turns_rad: Tensor) -> Regression:
        """Both passes over crops whose content is turned by (B,) angles, counter-clockwise."""
        upright, back = turned(-turns_rad.to(self.device)), turned(turns_rad.to(self.device))
        crops = self._crops(requests, upright)
        boxes = torch.from_numpy(crops).float().to(self.device)
        images = self._images(requests, crops, upright)
        passes, signals = recorded_passes(
            self._run, self._whitening, images, self.model, self._given(requests, boxes)
        )
        points = transform_points(landmarks68_image(self.model, passes.result), back)
        landmarks = image_from_crop(points, boxes)
        pose = image_pose_from_crop(transform_pose(passes.result.pose, back), boxes)
        placed = Coefficients(pose, passes.result.identity, passes.result.expression)
        nme, covered = self._judge(passes, signals, images)
        return Regression(placed.cpu(), landmarks.cpu(), confidence_from_nme(nme), covered)

    def _judge(
        self, passes: TwoPasses, signals: np.ndarray, images: Tensor
    ) -> tuple[Tensor, Tensor]:
        """(B,) errors to expect and (B, 2) bool what is covered, on the CPU."""
        if self._error_head is None:
            agreement = signals_of(passes, self.model, self._whitening)
            nothing = torch.zeros(len(signals), len(REGIONS), dtype=torch.bool)
            return self._calibration.expected_nme(agreement).cpu(), nothing
        judged = self._error_head(signals)
        nme = np.maximum(judged.expected_nme, least_nme(images.cpu().numpy()))
        return torch.from_numpy(nme), torch.from_numpy(judged.covered >= np.array(COVERED))

    def _crops(self, requests: list[FaceRequest], upright: Similarity) -> np.ndarray:
        """(B, 4) the crops that both passes see.

        One pass without landmarks is enough to cut a rough crop again: the second pass centres the
        face once more.
        """
        crops = np.stack([request.crop for request in requests])
        rough = np.array([request.recrop for request in requests])
        if rough.any():
            images = self._images(requests, crops, upright)
            first = self._predict(images, blank_map(len(images), self.device))
            seen = transform_points(landmarks68_image(self.model, first), upright.inverse())
            boxes = torch.from_numpy(crops).float().to(self.device)
            points = image_from_crop(seen, boxes).cpu().numpy()[rough]
            crops[rough] = [square_crop_from_landmarks(of_face[:, :2]) for of_face in points]
        return crops

    def _images(
        self, requests: list[FaceRequest], crops: np.ndarray, upright: Similarity
    ) -> Tensor:
        """(B, 3, 120, 120) float32, 0..255, resampled only where a face is to be turned."""
        pixels = np.stack(
            [cut_crop(request.photo, crop) for request, crop in zip(requests, crops, strict=True)]
        )
        images = torch.from_numpy(pixels).permute(0, 3, 1, 2).to(self.device).float()
        return warp_images(images, upright) if bool(upright.turn_rad.any()) else images

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
