"""`FaceReconstructor`: photos to faces."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dasl.arrays import RgbImage
from dasl.errors import NoFaceFound, WeightsError
from dasl.head.landmark_file import head_of_weights
from dasl.head.morphable_model import MorphableModel
from dasl.network.confidence import DEFAULT_CALIBRATION, Calibration, calibration_from_config
from dasl.network.hair_parser import HairParser, parser_in
from dasl.network.identity_statistics import IdentityStatistics, plain_statistics
from dasl.network.judge import Judge
from dasl.network.onnx import Precision
from dasl.photo.detector import Detector, RetinaFaceDetector
from dasl.photo.load import PhotoSource, load_photo, name_of
from dasl.reconstruction.face import Face, faces_from_coefficients
from dasl.reconstruction.one_person import PersonResult, person_of_photos
from dasl.reconstruction.regression import Regression
from dasl.reconstruction.regressor import Regressor
from dasl.reconstruction.requests import PointsLike, face_requests
from dasl.reconstruction.running_network import (
    CPU,
    best_device,
    check_head,
    graph_for,
    network_for,
    running_network,
)
from dasl.reconstruction.search import Found, main_face_found, second_look
from dasl.weights.folder import load_judge, load_statistics, load_stored, weights_folder

if TYPE_CHECKING:
    import torch

    from dasl.network.coefficient_network import CoefficientNetwork
    from dasl.network.tensors import StoredNetwork

FACE_WANTED = "give a photo in which a face is at least 20 pixels wide"


class FaceReconstructor:
    """Reconstruct every face of a photo.

    Example:
        >>> reconstructor = FaceReconstructor.from_pretrained()      # doctest: +SKIP
        >>> faces = reconstructor("photo.jpg")                       # doctest: +SKIP
        >>> faces[0].save("head.glb")                                # doctest: +SKIP
    """

    def __init__(
        self,
        network: "CoefficientNetwork | StoredNetwork",
        model: MorphableModel,
        *,
        graph: bytes | None = None,
        detector: Detector | None = None,
        device: "torch.device | str" = "cpu",
        folder: Path | None = None,
        calibration: Calibration = DEFAULT_CALIBRATION,
        statistics: IdentityStatistics | None = None,
        judge: Judge | None = None,
        precision: Precision = "float32",
    ) -> None:
        """Prefer `from_pretrained`.

        Args:
            network: trained network, in torch or as stored.
            model: head model whose coefficients the network predicts.
            graph: ONNX graph for inference on the CPU; without it torch is used there too.
            detector: face detector; None uses RetinaFace.
            device: where the network runs.
            folder: weights folder that the network came from, for `push_to_hub`.
            calibration: of this network's confidence; used without a `judge`.
            statistics: of its identities, for `person`; None takes all photos as one person's.
            judge: estimates this network's error and which face regions are covered.
            precision: of the graph.

        Raises:
            WeightsError: the network belongs to another head model.
        """
        check_head(network.config, model)
        self.model = model
        self.statistics = statistics or plain_statistics(model.identity_count)
        self.detector = detector or RetinaFaceDetector()
        running = running_network(network, graph, str(device), precision)
        self._regressor = Regressor(running, model, calibration, judge)
        self._device, self._precision, self._folder = str(device), precision, folder
        self.hair_parser: HairParser | None = None
        self._source: tuple[str | Path | None, str | None] | None = None

    @classmethod
    def from_pretrained(
        cls,
        source: str | Path | None = None,
        *,
        revision: str | None = None,
        detector: Detector | None = None,
        device: "torch.device | str | None" = None,
        precision: Precision | None = None,
    ) -> "FaceReconstructor":
        """Load weights.

        Args:
            source: None for the embedded weights, "open" for those that may be used for any
                purpose, a folder, or a hub id "user/repo".
            revision: of the hub repository; pin it.
            detector: face detector; None uses RetinaFace.
            device: None uses a GPU if available.
            precision: None takes int8 on a CPU if the weights have it, see docs/usage.md.

        Raises:
            WeightsError: weights missing, damaged, or for a head model without a map to this one;
                or without an int8 network.
        """
        folder = weights_folder(source, revision)
        model = head_of_weights(folder)
        stored, config = load_stored(folder)
        network = network_for(model.head_id, stored, str(source or folder))
        # The graph fits only the output size of the weights it was stored with.
        fits = network.config.output_count == stored.config.output_count
        where = str(device or (CPU if precision == "int8" else best_device()))
        graph, chosen = graph_for(folder, stored if fits else None, where, precision)
        made = cls(
            network,
            model,
            graph=graph,
            detector=detector,
            device=where,
            folder=folder,
            calibration=calibration_from_config(config),
            statistics=load_statistics(folder) if fits else None,
            judge=load_judge(folder) if fits else None,
            precision=chosen,
        )
        made.hair_parser = parser_in(folder)
        is_folder = source is not None and folder == Path(source)
        made._source = (folder.absolute() if is_folder else source), revision
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the source of the weights; unpickling loads them from there.

        Raises:
            WeightsError: not made by `from_pretrained`.
        """
        if self._source is None:
            raise WeightsError(
                "only a from_pretrained reconstructor can be pickled; save these weights with "
                "save_weights, then load them from that folder"
            )
        return _loaded, (*self._source, self.detector, self._device, self._precision)

    def __call__(
        self,
        photo: PhotoSource,
        *,
        boxes: Sequence[PointsLike] | None = None,
        crops: Sequence[PointsLike] | None = None,
        landmarks: Sequence[PointsLike] | None = None,
        strict: bool = False,
    ) -> list[Face]:
        """Reconstruct the faces of one photo, largest first.

        Args:
            photo: path, PIL image or (H, W, 3) uint8 RGB.
            boxes: tight face boxes x0, y0, x1, y1 in photo pixels; skips detection.
            crops: final square crops, used as they are; skips detection.
            landmarks: (68, 2) points in photo pixels for each face, drawn as the landmark map.
            strict: raise if no face is found, instead of returning an empty list.

        Raises:
            PhotoError: the photo cannot be read.
            BoxError: a box is inverted, empty or outside the photo.
            ShapeError: landmarks have another shape, or their number differs from the faces'.
            NoFaceFound: `strict` and no face was found.
        """
        image = load_photo(photo)
        requests = face_requests(image, self.detector, boxes, crops, landmarks)
        found = Found(requests, self._regressor(requests) if requests else None)
        if boxes is None and crops is None and landmarks is None:
            found = second_look(image, self.detector, self._regressor, found)
        if found.regression is None:
            if strict:
                raise NoFaceFound(
                    f"no face found in {name_of(photo)}; {FACE_WANTED}, or its place with "
                    "boxes=[(x0, y0, x1, y1)]"
                )
            return []
        return self._faces(image, found)

    def batch(
        self, photos: Iterable[PhotoSource], *, batch_size: int = 16
    ) -> Iterator[tuple[PhotoSource, list[Face]]]:
        """Stream the faces of many photos, in order; the network runs on batches of faces.

        Args:
            photos: as for a call.
            batch_size: number of photos whose faces form one batch.

        Yields:
            Each photo as given, with its faces.
        """
        remaining = iter(photos)
        while group := list(islice(remaining, batch_size)):
            images = [load_photo(photo) for photo in group]
            requests = [face_requests(image, self.detector) for image in images]
            together = [request for of_photo in requests for request in of_photo]
            regression = self._regressor(together) if together else None
            start = 0
            for photo, image, of_photo in zip(group, images, requests, strict=True):
                stop = start + len(of_photo)
                part = regression.rows(start, stop) if regression is not None and of_photo else None
                found = second_look(image, self.detector, self._regressor, Found(of_photo, part))
                yield photo, self._faces(image, found)
                start = stop

    def person(self, photos: Iterable[PhotoSource], *, keep_all: bool = False) -> PersonResult:
        """Reconstruct one head from several photos of one person.

        Identity and texture combine all photos. With one photo the face is the same as from a
        call. Photos that are unreadable, show no face or several, or show another person are left
        out.

        Args:
            photos: as for a call, in any order.
            keep_all: assume that all of them show the same person.

        Raises:
            NoFaceFound: no photo shows a single face; the message has the reasons.
        """
        return person_of_photos(self, self.statistics, photos, keep_all)

    def regress(
        self,
        photo: PhotoSource,
        boxes: Sequence[PointsLike] | None = None,
        crops: Sequence[PointsLike] | None = None,
        rolls_deg: Sequence[float | None] | None = None,
    ) -> Regression | None:
        """Predict coefficients and landmarks only, without vertices; None if no face is found.

        Args:
            photo: as for a call.
            boxes: as for a call.
            crops: as for a call.
            rolls_deg: approximate clockwise roll of each face, e.g. from the previous frame of a
                clip; None where unknown.

        Raises:
            ValueError: the numbers of rolls and faces differ.
        """
        image = load_photo(photo)
        requests = face_requests(image, self.detector, boxes, crops)
        if rolls_deg is not None:
            pairs = zip(requests, rolls_deg, strict=True)
            requests = [replace(request, roll_deg=roll) for request, roll in pairs]
        found = Found(requests, self._regressor(requests) if requests else None)
        if boxes is not None or crops is not None:
            return found.regression
        return second_look(image, self.detector, self._regressor, found).regression

    def regress_main(self, photo: PhotoSource) -> Regression | None:
        """As `regress`, of the photo's main face alone: large, near the centre and believed."""
        return main_face_found(load_photo(photo), self.detector, self._regressor).regression

    def push_to_hub(self, repo_id: str, *, private: bool = False, token: str | None = None) -> str:
        """Upload weights, config and model card; return the commit's URL."""
        if self._folder is None:
            raise WeightsError("this network came from no folder; save it with save_weights first")
        # Imported here so that inference loads neither the model card nor the benchmarks.
        from dasl.weights.publication import push_to_hub

        return push_to_hub(self._folder, repo_id, private=private, token=token)

    def _faces(self, image: RgbImage, found: Found) -> list[Face]:
        if (told := found.regression) is None:
            return []
        boxes = np.stack([request.box for request in found.requests])
        parts = (self.model, image, told.coefficients, boxes, told.confidence, self.hair_parser)
        pairs = zip(faces_from_coefficients(*parts), told.covered_regions(), strict=True)
        return [replace(face, covered=names) for face, names in pairs]


def _loaded(
    source: str | Path | None,
    revision: str | None,
    detector: Detector,
    device: str,
    precision: Precision,
) -> FaceReconstructor:
    return FaceReconstructor.from_pretrained(
        source, revision=revision, detector=detector, device=device, precision=precision
    )
