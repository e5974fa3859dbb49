"""Live tracking of one face: the tracker of `space/web/live/tracker.js`, in Python."""

import math
from dataclasses import dataclass

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.rotation import euler_deg_from_rotation, rotation_from_6d
from dasl.reconstruction.following import follow
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.reconstruction.regression import Regression
from dasl.video.live.settings import CHECK_EVERY, LIVE_FILTER, SEARCH_EVERY
from dasl.video.one_euro import OneEuro, RunningOneEuro
from dasl.video.samples import Sample
from dasl.video.smooth import MAX_GAP_S
from dasl.video.track import continues, is_plausible

_FACE_M = 0.1  # length that scales translations to the size of rotations


@dataclass(frozen=True, eq=False)
class LiveFace:
    """A face on one frame.

    Attributes:
        time_s: of the frame.
        rotation: (3, 3) model to view.
        angles_deg: yaw, pitch, roll.
        place: (3,) x, y of the head's origin in frame pixels, and pixels per metre.
        weights: ARKit name -> weight in [0, 1].
        confidence: in [0, 1], from the last check.
    """

    time_s: float
    rotation: FloatArray
    angles_deg: tuple[float, float, float]
    place: tuple[float, float, float]
    weights: dict[str, float]
    confidence: float


class LiveTracker:
    """Track the largest face; pass each frame to `update`."""

    def __init__(self, reconstructor: FaceReconstructor, settings: OneEuro | None = LIVE_FILTER):
        """Start without a face.

        Args:
            reconstructor: detects faces and predicts their coefficients.
            settings: of the filter; None disables smoothing.
        """
        self._reconstructor = reconstructor
        self._settings = settings
        self._last: Sample | None = None
        self._filters: tuple[RunningOneEuro, RunningOneEuro] | None = None
        self._since_search, self._since_met = SEARCH_EVERY, 0

    def update(self, pixels: RgbImage, time_s: float) -> LiveFace | None:
        """The face on the next frame; None if there is none.

        Args:
            pixels: (H, W, 3) uint8 RGB.
            time_s: of the frame; a time before the last one restarts tracking.
        """
        sample = self._followed(pixels, time_s) or self._found(pixels, time_s)
        before, self._last = self._last, sample or self._last
        if sample is None:
            return None
        if before is None or not 0 <= time_s - before.time_s <= MAX_GAP_S:
            self._filters = None
        return self._smoothed(sample)

    @property
    def last(self) -> Sample | None:
        """The newest sample, unsmoothed."""
        return self._last

    def _followed(self, pixels: RgbImage, time_s: float) -> Sample | None:
        last = self._last
        if last is None:
            return None
        if not 0 <= time_s - last.time_s <= MAX_GAP_S:
            self._lose()
            return None
        self._since_met += 1
        check = self._since_met % CHECK_EVERY == 0
        regression = follow(self._reconstructor, pixels, last.coefficients, check)
        sample = _sample(regression, time_s, last.confidence)
        if is_plausible(sample, pixels) and continues(last, sample):
            return sample
        self._lose()
        return None

    def _lose(self) -> None:
        """The detector looks at this frame, whenever it looked before."""
        self._last, self._since_search = None, SEARCH_EVERY

    def _found(self, pixels: RgbImage, time_s: float) -> Sample | None:
        self._since_search += 1
        if self._since_search < SEARCH_EVERY:
            return None
        self._since_search, self._since_met = 0, 0
        boxes = [detection.box for detection in self._reconstructor.detector(pixels)[:1]]
        if not boxes:
            return None
        regression = self._reconstructor.regress(pixels, boxes=boxes, rolls_deg=[0.0])
        assert regression is not None  # it was given a box
        sample = _sample(regression, time_s, math.nan)
        return sample if is_plausible(sample, pixels) else None

    def _smoothed(self, sample: Sample) -> LiveFace:
        pose, expression = sample.coefficients.pose, sample.coefficients.expression
        rotation, scale = pose.rotation[0], float(pose.scale[0])
        place, weights = pose.translation[0], expression[0]
        if self._settings is not None:
            if self._filters is None:
                self._filters = RunningOneEuro(self._settings), RunningOneEuro(self._settings)
                self._face_px = _FACE_M * scale
            columns = np.concatenate(
                [rotation[:2].ravel(), [math.log(scale)], place / self._face_px]
            )
            still = self._filters[0].update(columns, sample.time_s)
            rotation = rotation_from_6d(still[None, :6].astype(np.float32))[0]
            scale, place = math.exp(still[6]), still[7:] * self._face_px
            weights = self._filters[1].update(weights, sample.time_s).clip(0.0, 1.0)
        yaw, pitch, roll = euler_deg_from_rotation(rotation[None])[0]
        names = self._reconstructor.model.expression_names
        return LiveFace(
            time_s=sample.time_s,
            rotation=rotation,
            angles_deg=(float(yaw), float(pitch), float(roll)),
            place=(float(place[0]), float(place[1]), scale),
            weights=dict(zip(names, weights.tolist(), strict=True)),
            confidence=sample.confidence,
        )


def _sample(regression: Regression, time_s: float, confidence: float) -> Sample:
    """The first face as a sample; `confidence` replaces a confidence that was not estimated."""
    coefficients: Coefficients = regression.coefficients.rows(0, 1)
    found = float(regression.confidence[0])
    known = confidence if math.isnan(found) else found
    return Sample(0, time_s, coefficients, regression.landmarks_image[0], known)
