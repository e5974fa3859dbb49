"""One reconstructor, shared by all visitors: loaded once; the page's queues say who asks when."""

import logging
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from dasl.arrays import RgbImage
from dasl.errors import DaslError, NoFaceFound
from dasl.photo.load import load_photo
from dasl.processes import one_torch_thread
from dasl.reconstruction.face import Face
from space.reconstruct.zero_gpu import on_gpu
from space.settings import Settings
from space.weights_choice import WeightsChoice

if TYPE_CHECKING:
    from dasl.reconstruction.reconstructor import FaceReconstructor

MAX_SIDE = 2048
"""Larger photos are shrunk to it: a head's texture needs no more, and memory is bounded."""

MAX_FACES = 12
"""The number of faces of a photo that are shown, largest first."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """The faces of one photo.

    Attributes:
        photo: (H, W, 3) uint8 RGB, at most `MAX_SIDE` pixels a side.
        faces: at least one, at most `MAX_FACES`, largest first; in pixels of `photo`.
        face_count: faces on the photo, counting those left out.
        seconds: duration of each step by its name.
    """

    photo: RgbImage
    faces: tuple[Face, ...]
    face_count: int
    seconds: dict[str, float]


class ReconstructionService:
    """Loads the reconstructor when it is first needed and keeps it; serves many threads.

    Attributes:
        example_head: GLB of an example photo, once `warm_up` has made it.
        weights: what runs here; None where that is nobody's choice.
    """

    def __init__(
        self, load: "Callable[[], FaceReconstructor]", weights: WeightsChoice | None = None
    ) -> None:
        """Loads nothing yet.

        Args:
            load: makes the reconstructor; called once, again only if it failed.
            weights: what `load` loads, for those who want to say it.
        """
        self.weights = weights
        self._load = load
        self._faces = on_gpu(lambda image: self.reconstructor()(image))
        self._lock = threading.Lock()
        self._reconstructor: FaceReconstructor | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.example_head: Path | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> "ReconstructionService":
        """The service of the weights that the settings name."""
        weights = WeightsChoice(settings.weights, settings.revision)
        return cls(weights.load, weights)

    def __call__(self, photo: Path) -> Reconstruction:
        """Reconstruct the faces of one photo.

        Args:
            photo: an uploaded file, of any kind.

        Raises:
            PhotoError: it is no photo that can be read.
            NoFaceFound: there is no face on it.
            WeightsError: the weights cannot be loaded.
        """
        start = time.perf_counter()
        image = _shrunk(load_photo(photo))
        read = time.perf_counter()
        self.reconstructor()
        loaded = time.perf_counter()
        with one_torch_thread():
            faces = self._faces(image)
        done = time.perf_counter()
        if not faces:
            raise NoFaceFound(
                "no face found on this photo; use one in which a face is at least 20 pixels wide, "
                "lit, and not covered"
            )
        return Reconstruction(
            photo=image,
            faces=tuple(faces[:MAX_FACES]),
            face_count=len(faces),
            seconds={"reading the photo": read - start, "finding and fitting": done - loaded},
        )

    def reconstructor(self) -> "FaceReconstructor":
        """The one for all; loaded when it is first asked for.

        Raises:
            WeightsError: the weights cannot be loaded.
        """
        with self._lock:
            if self._reconstructor is None:
                self._reconstructor = self._load()
            return self._reconstructor

    def warm_up(self, photo: Path) -> None:
        """Load everything before the first visitor, and make a head that greets everybody.

        A failure is logged and met again later.

        Args:
            photo: with a face on it.
        """
        try:
            face = self(photo).faces[0]
            self._folder = tempfile.TemporaryDirectory(prefix="dasl-example-")
            self.example_head = face.save(Path(self._folder.name) / "example.glb")
        except DaslError as error:
            log.error("the demo is not ready: %s", error)
        except Exception:
            log.exception("the demo is not ready")


def _shrunk(image: RgbImage) -> RgbImage:
    longest = max(image.shape[:2])
    if longest <= MAX_SIDE:
        return image
    height, width = (max(1, round(side * MAX_SIDE / longest)) for side in image.shape[:2])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)
