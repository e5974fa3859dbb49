"""Faces whose error is known, as `tools.calibrate_confidence` learns from and measures on."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from dasl.datasets.face_rows import Faces2d
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.handplaced import handplaced_nme
from dasl.geometry.coefficients import Whitening
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.coefficient_network import CoefficientNetwork, fold_batch_norm
from dasl.network.error_fit import JudgedFaces
from dasl.network.error_head import REGIONS
from dasl.network.recorded_passes import recorded_passes
from tools import no_faces
from tools.damaged_faces import CHANGES, EYES, MOUTH

Floats = NDArray[np.float32]

NO_FACE_NME = 0.6
"""What counts as the error where there is no face."""
UNSEEN_WEIGHT = 1.5
"""Of validation faces: the network errs on them as on visitors' photos."""
BATCH = 64
UNDAMAGED, DAMAGES = next(iter(CHANGES)), tuple(CHANGES)[1:]
FOLDS = 2


@dataclass(frozen=True, eq=False)
class Judged:
    """Faces whose error is known, and what was done to each.

    Attributes:
        faces: N of them.
        kinds: (N,) of `CHANGES`.
        rows: (N,) which face each is a copy of.
    """

    faces: JudgedFaces
    kinds: NDArray[np.str_]
    rows: NDArray[np.int64]


class Judge:
    """A network whose errors are measured."""

    def __init__(self, network: CoefficientNetwork, model: MorphableModel) -> None:
        self._network = fold_batch_norm(network).to(memory_format=torch.channels_last)
        self._whitening = Whitening(network.whitening_mean, network.whitening_std)
        self._model = model

    @torch.no_grad()
    def __call__(self, images: NDArray[np.uint8], name: str) -> tuple[Floats, torch.Tensor]:
        """(N, F) signals and (N, 68, 3) landmarks of crops (N, 120, 120, 3)."""
        signals, landmarks = [], []
        crops = torch.from_numpy(images).permute(0, 3, 1, 2)
        for part in tqdm(crops.split(BATCH), desc=name, unit="batch", disable=None):
            passes, told = recorded_passes(self._run, self._whitening, part.float(), self._model)
            signals.append(told)
            landmarks.append(landmarks68_image(self._model, passes.result))
        return np.concatenate(signals), torch.cat(landmarks)

    def _run(self, inputs: torch.Tensor) -> torch.Tensor:
        raw: torch.Tensor = self._network(inputs.contiguous(memory_format=torch.channels_last))
        return raw

    def faces(
        self,
        faces: Faces2d,
        kinds: list[tuple[int, str]],
        weight: float,
        patches: no_faces.Crops,
        name: str,
    ) -> Judged:
        """Errors of copies of faces with hand-placed points.

        Args:
            faces: the originals.
            kinds: row and change of each copy.
            weight: of each copy.
            patches: (P, 120, 120, 3) pictures that covers are cut out of.
            name: of the progress bar.
        """
        random = np.random.default_rng(len(kinds))
        images, points, covered = [], [], []
        for row, kind in kinds:
            picture = faces.images[row].permute(1, 2, 0).numpy().astype(np.float32)
            rough = faces.detected68_crop[row, :, :2].numpy()
            patch = patches[random.integers(len(patches))].astype(np.float32)
            damage = CHANGES[kind](random, picture, rough, patch)
            images.append(damage.picture.round().clip(0, 255).astype(np.uint8))
            points.append(damage.moved(faces.landmarks21_crop[row].numpy()))
            moved = damage.moved(rough)
            covered.append([damage.covered(moved[part]) for part in (EYES, MOUTH)])
        signals, landmarks = self(np.stack(images), name)
        rows = np.array([row for row, _ in kinds])
        truth = torch.from_numpy(np.stack(points)).float()
        nme = handplaced_nme(landmarks, truth, faces.visible21[rows]).numpy()
        known = ~np.isnan(nme)
        weights = np.full(len(nme), weight, np.float32)
        changes = np.array([kind for _, kind in kinds])
        usual = changes == UNDAMAGED
        judged = JudgedFaces(signals, nme, np.array(covered, np.float32), weights, usual)
        return Judged(judged.rows(known), changes[known], rows[known])

    def no_faces(self, crops: NDArray[np.uint8]) -> JudgedFaces:
        """Pictures without a face."""
        signals, count = self(crops, "no faces")[0], len(crops)
        unknown = np.full((count, len(REGIONS)), np.nan, np.float32)
        nme = np.full(count, NO_FACE_NME, np.float32)
        weights, usual = np.ones(count, np.float32), np.zeros(count, np.bool_)
        return JudgedFaces(signals, nme, unknown, weights, usual)


@dataclass(frozen=True, eq=False)
class Material:
    """What a head is learned from and measured on.

    Attributes:
        validation: undamaged and damaged copies.
        training: of training faces.
        no_faces: pictures to learn from.
        measured_no_faces: pictures to measure on.
    """

    validation: Judged
    training: JudgedFaces
    no_faces: JudgedFaces
    measured_no_faces: JudgedFaces

    def fold(self, number: int) -> NDArray[np.bool_]:
        """(N,) which copies of validation faces belong to a fold: none shares a face."""
        inside: NDArray[np.bool_] = self.validation.rows % FOLDS == number
        return inside

    def to_learn_from(self, without: int | None = None) -> JudgedFaces:
        """All but the validation faces of a fold."""
        validation = self.validation.faces
        if without is not None:
            validation = validation.rows(~self.fold(without))
        parts = (validation, self.training, self.no_faces)
        names = [field.name for field in fields(JudgedFaces)]
        return JudgedFaces(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


@dataclass(frozen=True, eq=False)
class Originals:
    """Undamaged pictures to make copies of.

    Attributes:
        validation: faces that the network was not trained on.
        training: faces that it was, or could have been, trained on.
        no_faces: (P, 120, 120, 3) pictures to learn from.
        measured_no_faces: (Q, 120, 120, 3) pictures to measure on.
    """

    validation: Faces2d
    training: Faces2d
    no_faces: no_faces.Crops
    measured_no_faces: no_faces.Crops


def photos(root: Path, training_faces: int) -> Originals:
    """Photos of `faces_2d`, and free pictures without a face.

    Args:
        root: data root.
        training_faces: how many of them.

    Raises:
        ConfigError: the data are missing.
    """
    random = np.random.default_rng(0)
    learned, measured = no_faces.to_learn_from(root, random), no_faces.to_measure_on(root, random)
    training = read_faces_2d(root, "train", training_faces)
    return Originals(read_faces_2d(root, "validation"), training, learned, measured)


def known_errors(
    network: CoefficientNetwork, model: MorphableModel, originals: Originals
) -> Material:
    """Makes and predicts all pictures.

    Args:
        network: whose errors; of this head model.
        model: head model.
        originals: the faces, and pictures without one.
    """
    judge = Judge(network, model)
    learned, measured = originals.no_faces, originals.measured_no_faces
    validation, training = originals.validation, originals.training
    kinds = [(row, UNDAMAGED) for row in range(len(validation))]
    kinds += [(row, DAMAGES[row // 2 % len(DAMAGES)]) for row in range(len(validation))]
    every = (*[UNDAMAGED] * 5, *DAMAGES, DAMAGES[0])  # covered eyes are the hardest to see
    of_training = [(row, every[row % len(every)]) for row in range(len(training))]
    return Material(
        judge.faces(validation, kinds, UNSEEN_WEIGHT, learned, "validation faces"),
        judge.faces(training, of_training, 1.0, learned, "training faces").faces,
        judge.no_faces(learned),
        judge.no_faces(measured),
    )
