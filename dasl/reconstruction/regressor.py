"""Inference on photos: cut crops, run the network, return coefficients in photo pixels.

The network is trained on faces with a roll of up to 45 degrees. Faces with a larger predicted roll
are predicted again from an upright crop. Faces with a low confidence are predicted again from
crops rotated by other angles, then from crops beside the detector's. The most confident prediction
is kept.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property, reduce
from itertools import compress
from typing import Protocol

import numpy as np

from dasl.arrays import BoolArray, FloatArray, RgbImage
from dasl.geometry.boxes import holds, middle_of
from dasl.geometry.coefficients import Coefficients, Whitening, decode
from dasl.geometry.crop import cut_crop, square_crop_from_landmarks
from dasl.geometry.frames import (
    crop_pose_from_image,
    image_from_crop,
    image_pose_from_crop,
)
from dasl.geometry.similarity import (
    Similarity,
    roll_rad,
    transform_points,
    transform_pose,
    turned,
)
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.confidence import (
    DEFAULT_CALIBRATION,
    Calibration,
    confidence_from_nme,
    signals_of,
)
from dasl.network.config import NetworkConfig, network_input
from dasl.network.cover_network import REGIONS
from dasl.network.faint_crops import readable
from dasl.network.judge import Judge
from dasl.network.passes import TwoPasses, first_map, follow
from dasl.network.recorded_passes import recorded_passes
from dasl.reconstruction.face_crops import (
    far_apart,
    given_points,
    images_of,
    network_images,
    recropped,
)
from dasl.reconstruction.other_crops import (
    DOUBTFUL,
    MOVED_BELIEVED,
    MOVED_BELOW,
    REPEATED,
    crop_of_turned,
    in_steps,
    moved_crops,
    overlaps,
)
from dasl.reconstruction.regression import FaceRequest, Regression

FACES_AT_ONCE = 8
"""Most faces of a batch that one core computes together. The data of more exceed its cache; fewer
cost more steps each."""


class RunningNetwork(Protocol):
    """A network ready to run: an `OnnxNetwork` or a `TorchNetwork`."""

    config: NetworkConfig
    whitening: Whitening
    callers: int

    @property
    def for_callers(self) -> "RunningNetwork":
        """The same network for `callers` calls at the same time."""
        ...

    def __call__(self, images: FloatArray) -> FloatArray:
        """(B, 4, 120, 120) float32 to (B, 9 + K + E) float32, whitened."""
        ...


class Regressor:
    """Run both passes of a network over faces on photos and estimate their errors."""

    def __init__(
        self,
        network: RunningNetwork,
        model: MorphableModel,
        calibration: Calibration = DEFAULT_CALIBRATION,
        judge: Judge | None = None,
    ) -> None:
        """Store the parts; nothing is computed yet.

        Args:
            network: trained and ready to run.
            model: head model; must have the network's numbers of coefficients.
            calibration: of this network's confidence; used without a `judge`.
            judge: estimates this network's error and which face regions are covered.
        """
        self.model = model
        self._network, self._calibration = network, calibration
        self._judge = judge

    def __call__(self, requests: list[FaceRequest]) -> Regression:
        """Predict at the known rolls, then at the predicted rolls, then unsure faces elsewhere."""
        known = np.array([request.roll_deg or 0.0 for request in requests], dtype=np.float32)
        found = self._regress(requests, in_steps(np.radians(known)))
        free = np.array([request.roll_deg is None for request in requests])
        free &= np.array([request.landmarks_image is None for request in requests])
        turns = in_steps(roll_rad(found.coefficients.pose))
        leaning = np.flatnonzero(free & (turns != 0))
        if len(leaning):
            upright = self._regress([requests[row] for row in leaning], turns[leaning])
            found = found.or_better(upright, leaning, better=1.0)
        for sure, turns_deg in DOUBTFUL:
            doubtful = np.flatnonzero((found.confidence < sure) & free)
            rows = np.tile(doubtful, len(turns_deg))
            if len(rows):
                again = [requests[row] for row in rows]
                turns = np.repeat(np.radians(turns_deg, dtype=np.float32), len(doubtful))
                found = found.or_better(self._regress(again, turns), rows)
        found = self._moved(requests, found, free)
        return self._repeated(requests, found, free).as_sure_as_seen()

    def _moved(self, requests: list[FaceRequest], found: Regression, free: BoolArray) -> Regression:
        """Unsure faces once more, from crops beside the rough one, see `MOVED`."""
        changed = [
            (row, replace(request, crop=crop))
            for row, request in enumerate(requests)
            if free[row] and request.recrop and found.confidence[row] < MOVED_BELOW
            for crop in moved_crops(request.crop)
            if overlaps(crop, request.photo)
        ]
        if not changed:
            return found
        rows = np.array([row for row, _ in changed])
        turns = in_steps(roll_rad(found.coefficients.pose))
        moved = self._regress([request for _, request in changed], turns[rows])
        middles = map(middle_of, moved.landmarks_image)
        boxes = (request.box for _, request in changed)
        same = np.array([holds(*pair) for pair in zip(boxes, middles, strict=True)])
        return found.or_better(
            moved.take(np.flatnonzero(same)), rows[same], believed=MOVED_BELIEVED
        )

    def _repeated(
        self, requests: list[FaceRequest], found: Regression, free: BoolArray
    ) -> Regression:
        """Faces that lie on their side once more, see `REPEATED`."""
        turns = in_steps(roll_rad(found.coefficients.pose))
        crops = {
            row: crop
            for row in np.flatnonzero(free & (turns != 0)).tolist()
            if (crop := crop_of_turned(found.landmarks_image[row, :, :2], turns[row])) is not None
            and overlaps(crop, requests[row].photo)
        }
        if not crops:
            return found
        rows = np.array(list(crops))
        again = [replace(requests[row], crop=crops[row], recrop=False) for row in crops]
        repeated = self._regress(again, turns[rows])
        confidence = found.confidence.copy()
        confidence[rows] = np.minimum(confidence[rows], repeated.confidence)
        is_same = repeated.confidence >= REPEATED * found.confidence[rows]
        chosen = np.arange(len(confidence))
        chosen[rows[is_same]] = len(confidence) + np.flatnonzero(is_same)
        return replace(found, confidence=confidence).and_others(repeated).take(chosen)

    def follow(self, photo: RgbImage, last: Coefficients, check: bool) -> Regression:
        """Predict the previous frame's faces on the next frame, assuming little motion.

        Args:
            photo: (H, W, 3) uint8 RGB, the next frame.
            last: of B faces, pose in pixels of the previous frame.
            check: see `dasl.network.passes.follow`; without it the confidence is NaN.
        """
        before = landmarks68_image(self.model, last)[..., :2]
        crops = np.stack([square_crop_from_landmarks(points) for points in before])
        boxes = crops.astype(np.float32)
        pose = crop_pose_from_image(last.pose, boxes)
        in_crop = Coefficients(pose, last.identity, last.expression)
        images = network_images([cut_crop(photo, crop) for crop in crops])
        passes = follow(self._predict, images, self.model, in_crop, check)
        nothing = np.zeros((len(boxes), len(REGIONS)), dtype=bool)
        nme = self._agreement_nme(passes) if check else np.full(len(boxes), np.nan, np.float32)
        points = landmarks68_image(self.model, passes.result)
        return self._in_photo(passes, points, boxes, nme, nothing)

    def _regress(self, requests: list[FaceRequest], turns_rad: FloatArray) -> Regression:
        """Both passes over crops whose content is rotated by (B,) angles, counter-clockwise.

        The cores take parts of up to `FACES_AT_ONCE`: faster than sharing each operation.
        """
        callers, count = self._network.callers, -(-len(requests) // FACES_AT_ONCE)
        if min(callers, count) < 2:
            return self._regress_some(requests, turns_rad)
        parts = np.array_split(np.arange(len(requests)), count)
        with ThreadPoolExecutor(callers) as pool:
            done = pool.map(
                self._for_callers._regress_some,
                ([requests[row] for row in part] for part in parts),
                (turns_rad[part] for part in parts),
            )
            return reduce(Regression.and_others, done)

    @cached_property
    def _for_callers(self) -> "Regressor":
        network = self._network.for_callers
        return Regressor(network, self.model, self._calibration, self._judge)

    def _regress_some(self, requests: list[FaceRequest], turns_rad: FloatArray) -> Regression:
        upright, back = turned(-turns_rad), turned(turns_rad)
        rough = np.stack([request.crop for request in requests])
        crops, first = rough, None
        if any(request.recrop for request in requests):
            raw = self._first(requests, images_of(requests, rough, upright), rough)
            crops, first = recropped(requests, raw, self._network.whitening, self.model, upright)
        boxes = crops.astype(np.float32)
        images = images_of(requests, crops, upright)
        if first is not None and (far := far_apart(rough, crops)).any():
            first[far] = self._first(list(compress(requests, far)), images[far], crops[far])
        given = given_points(requests, boxes)
        passes, signals = recorded_passes(
            self._network, self._network.whitening, images, self.model, given, first
        )
        points = landmarks68_image(self.model, passes.result)
        judged = self._judged(passes, points, signals, images)
        return self._in_photo(passes, points, boxes, *judged, back)

    def _first(
        self, requests: list[FaceRequest], images: FloatArray, crops: np.ndarray
    ) -> FloatArray:
        """The network's answers (B, 9 + K + E), whitened, in the first pass."""
        given = given_points(requests, crops.astype(np.float32))
        return self._network(network_input(readable(images), first_map(images, given)))

    def _judged(
        self, passes: TwoPasses, points: FloatArray, signals: FloatArray, images: FloatArray
    ) -> tuple[FloatArray, BoolArray]:
        """(B,) expected errors and (B, 2) whether each region is covered."""
        if self._judge is None:
            return self._agreement_nme(passes), np.zeros((len(signals), len(REGIONS)), dtype=bool)
        return self._judge(signals, images, points, roll_rad(passes.result.pose))

    def _agreement_nme(self, passes: TwoPasses) -> FloatArray:
        """(B,) expected errors from the passes' agreement, without an error head."""
        signals = signals_of(passes, self.model, self._network.whitening)
        return self._calibration.expected_nme(signals)

    def _in_photo(
        self,
        passes: TwoPasses,
        points: FloatArray,
        boxes: FloatArray,
        nme: FloatArray,
        covered: BoolArray,
        back: Similarity | None = None,
    ) -> Regression:
        """The result and its landmarks in photo pixels; `back` undoes the crops' rotation."""
        pose = passes.result.pose
        if back is not None:
            pose, points = transform_pose(pose, back), transform_points(points, back)
        return Regression(
            Coefficients(
                image_pose_from_crop(pose, boxes),
                passes.result.identity,
                passes.result.expression,
            ),
            image_from_crop(points, boxes),
            confidence_from_nme(nme),
            covered,
        )

    def _predict(self, images: FloatArray, maps: FloatArray) -> Coefficients:
        raw = self._network(network_input(images, maps))
        return decode(raw, self._network.whitening, self._network.config.identity_count)
