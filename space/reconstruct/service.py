"""One reconstructor, loaded once and shared by all visitors; the page's queues order the calls."""

import logging
import re
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from dasl.arrays import RgbImage
from dasl.errors import DaslError, NoFaceFound
from dasl.photo.load import load_photo
from dasl.reconstruction.face import Face
from space.reconstruct.head_files import HeadChoices
from space.reconstruct.overlay import photo_behind
from space.reconstruct.rounded_glb import round_glb
from space.reconstruct.zero_gpu import on_gpu
from space.settings import Settings
from space.viewer import serve_folder
from space.weights_choice import WeightsChoice

if TYPE_CHECKING:
    from dasl.reconstruction.one_person import PersonResult
    from dasl.reconstruction.reconstructor import FaceReconstructor

MAX_SIDE = 2048
"""Larger photos are shrunk to this side: enough for a texture, and it bounds memory use."""

MAX_FACES = 12
"""Most faces of a photo that are shown, largest first."""

LONGEST_NAME = 60
"""Longest part of a photo's name used in the file names of its heads."""

EXAMPLE_PREFIX = "dasl-example-"
"""Begins the name of the folder with the example's head."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """The faces of one photo.

    Attributes:
        photo: (H, W, 3) uint8 RGB, at most `MAX_SIDE` pixels a side.
        faces: at least one, at most `MAX_FACES`, largest first; in pixels of `photo`.
        face_count: number of faces detected, including those not shown.
        seconds: duration of each step by name.
        name: name of the photo's file, used for the files of its heads.
        uploads: the visitor's files that it was made from.
        photo_count: number of photos that a head of one person was made from.
    """

    photo: RgbImage
    faces: tuple[Face, ...]
    face_count: int
    seconds: dict[str, float]
    name: str = "photo"
    uploads: tuple[Path, ...] = ()
    photo_count: int = 1


@dataclass(frozen=True, eq=False)
class ExampleHead:
    """The head shown to every new visitor.

    Attributes:
        glb: file of the head.
        face: its face.
        behind: the photo behind it, see `photo_behind`.
    """

    glb: Path
    face: Face
    behind: dict[str, Any]


class ReconstructionService:
    """Loads the reconstructor at first use and keeps it. Thread-safe.

    Attributes:
        example: head of an example photo, once `warm_up` has made it.
        weights: the chosen weights; None if there is no such choice.
    """

    def __init__(
        self, load: "Callable[[], FaceReconstructor]", weights: WeightsChoice | None = None
    ) -> None:
        """Stores the arguments; loads nothing yet.

        Args:
            load: creates the reconstructor; called once, and again only after a failure.
            weights: the weights that `load` uses, for display.
        """
        self.weights = weights
        self._load = load
        self._faces = on_gpu(lambda image: self.reconstructor()(image))
        self._person = on_gpu(
            lambda photos, keep_all: self.reconstructor().person(photos, keep_all=keep_all)
        )
        self._lock = threading.Lock()
        self._reconstructor: FaceReconstructor | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._warming: threading.Event | None = None
        self.example: ExampleHead | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> "ReconstructionService":
        """The service of the weights that the settings name."""
        weights = WeightsChoice(settings.weights, settings.revision)
        return cls(weights.load, weights)

    def __call__(self, photo: Path) -> Reconstruction:
        """Reconstruct the faces of one photo.

        Args:
            photo: an uploaded file, of any type.

        Raises:
            PhotoError: the file is not a readable photo.
            NoFaceFound: there is no face on it.
            WeightsError: the weights cannot be loaded.
        """
        start = time.perf_counter()
        image = shrunk(load_photo(photo))
        read = time.perf_counter()
        self.reconstructor()
        loaded = time.perf_counter()
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
            name=clean_name(photo.stem),
            uploads=(photo,),
        )

    def person(self, photos: list[RgbImage], keep_all: bool) -> "PersonResult":
        """One head from several photos; see `FaceReconstructor.person`.

        Raises:
            NoFaceFound: no photo shows a single face.
            WeightsError: the weights cannot be loaded.
        """
        return self._person(photos, keep_all)

    def reconstructor(self) -> "FaceReconstructor":
        """The shared reconstructor; loaded at first use.

        Raises:
            WeightsError: the weights cannot be loaded.
        """
        with self._lock:
            if self._reconstructor is None:
                self._reconstructor = self._load()
            return self._reconstructor

    def warm_up(self, photo: Path) -> None:
        """Load everything before the first visit, and make the example head.

        A failure is logged; the next request will raise it.

        Args:
            photo: a photo with a face.
        """
        self._warming = threading.Event()
        try:
            found = self(photo)
            self._folder = tempfile.TemporaryDirectory(prefix=EXAMPLE_PREFIX)
            serve_folder(Path(self._folder.name))
            glb = Path(self._folder.name) / f"{found.name}.glb"
            HeadChoices().save(found.faces[0], glb)
            round_glb(glb)
            behind = photo_behind(found.photo, found.faces[0], glb.with_suffix(".jpg"))
            self.example = ExampleHead(glb, found.faces[0], behind)
        except DaslError as error:
            log.error("the demo is not ready: %s", error)
        except Exception:
            log.exception("the demo is not ready")
        finally:
            self._warming.set()

    def awaited_example(self, longest_s: float) -> ExampleHead | None:
        """Waits for `warm_up` to make the example; None if it fails or takes too long."""
        if self._warming is not None:
            self._warming.wait(longest_s)
        return self.example


def clean_name(name: str) -> str:
    """A visitor's file name reduced to characters that are safe on all systems."""
    return re.sub(r"[^\w-]+", "_", name).strip("_")[:LONGEST_NAME] or "photo"


def shrunk(image: RgbImage) -> RgbImage:
    """The photo (H, W, 3), shrunk to at most `MAX_SIDE` pixels a side."""
    longest = max(image.shape[:2])
    if longest <= MAX_SIDE:
        return image
    height, width = (max(1, round(side * MAX_SIDE / longest)) for side in image.shape[:2])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)
