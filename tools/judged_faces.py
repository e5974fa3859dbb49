"""Faces whose error is known, as `tools.calibrate_confidence` learns from and measures on."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from dasl.datasets.face_rows import Faces2d
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.handplaced import FACE_SIZE_PX, handplaced_nme
from dasl.geometry.crop import CROP_SIZE
from dasl.geometry.similarity import roll_rad
from dasl.head.landmarks import AFLW_CHIN, AFLW_IN_IBUG, IBUG_JAW_LINE, IBUG_POINTS
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.cover_network import CoverNetwork, upright_faces
from dasl.network.error_fit import JudgedFaces
from dasl.network.error_signals import least_nme
from dasl.network.faint_crops import readable
from dasl.network.recorded_passes import recorded_passes
from dasl.reconstruction.regressor import RunningNetwork
from dasl.reconstruction.running_network import CPU, graph_for, network_for, running_network
from dasl.weights.folder import load_stored
from tools import no_faces
from tools.cover_faces import real_covers
from tools.covers import EYES, MOUTH
from tools.damaged_faces import CHANGES, DAMAGES, MEASURED_CHANGES, UNDAMAGED

Floats = NDArray[np.float32]

NO_FACE_NME = 0.6
"""What counts as the error where there is no face."""
UNSEEN_WEIGHT = 1.5
"""Of validation faces: the network errs on them as on visitors' photos."""
BATCH = 64
JAW = [n for n in range(IBUG_JAW_LINE) if n not in AFLW_IN_IBUG[AFLW_CHIN]]
"""Landmarks of the jaw line without the chin: nobody placed a point there by hand."""
FOLDS = 2
ERROR_FACES = 3000
"""Largest number of training faces whose errors are measured; covers are learned from all."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Faces whose error is known, and what was done to each.

    Attributes:
        faces: N of them.
        kinds: (N,) of `CHANGES`.
        rows: (N,) which face each is a copy of.
        handplaced_nme: (N,) error at the hand-placed points alone.
        covered: (N, 2) for eyes and mouth: 1 covered, 0 visible, NaN unknown.
        said_covered: (N, 2) probability of it, by the cover network.
        size_px: (N,) of each face in pixels of its picture.
        least_nme: (N,) see `dasl.network.error_signals`.
    """

    faces: JudgedFaces
    kinds: NDArray[np.str_]
    rows: NDArray[np.int64]
    handplaced_nme: Floats
    covered: Floats
    said_covered: Floats
    size_px: Floats
    least_nme: Floats

    def those(self, which: NDArray[np.bool_]) -> "Judged":
        """A subset of the faces, by mask."""
        others = {
            field.name: getattr(self, field.name)[which]
            for field in fields(self)
            if field.name != "faces"
        }
        return Judged(self.faces.rows(which), **others)


class Judge:
    """A network whose errors are measured, and one that says what is covered."""

    def __init__(
        self, network: RunningNetwork, model: MorphableModel, cover_network: CoverNetwork
    ) -> None:
        self._network, self._model, self._cover_network = network, model, cover_network

    def __call__(self, images: NDArray[np.uint8], name: str) -> tuple[Floats, torch.Tensor, Floats]:
        """(N, F) signals, (N, 68, 3) landmarks, (N, 2) covers of crops (N, 120, 120, 3)."""
        signals, landmarks, covered = [], [], []
        crops, whitening = images.transpose(0, 3, 1, 2), self._network.whitening
        starts = range(0, len(crops), BATCH)
        for start in tqdm(starts, desc=name, unit="batch", disable=None):
            part = crops[start : start + BATCH].astype(np.float32)
            passes, told = recorded_passes(self._network, whitening, part, self._model)
            signals.append(told)
            landmarks.append(landmarks68_image(self._model, passes.result))
            lean = roll_rad(passes.result.pose)
            upright = upright_faces(readable(part), landmarks[-1], lean)
            covered.append(self._cover_network(upright))
        points = torch.from_numpy(np.concatenate(landmarks))
        return np.concatenate(signals), points, np.concatenate(covered)

    def faces(
        self,
        faces: Faces2d,
        kinds: list[tuple[int, str]],
        weight: float,
        patches: no_faces.Crops,
        name: str,
    ) -> Judged:
        """Errors of copies of faces with hand-placed and detected points.

        Args:
            faces: the originals.
            kinds: row and change of each copy.
            weight: of each copy.
            patches: (P, 120, 120, 3) pictures that covers are cut out of.
            name: of the progress bar.
        """
        random = np.random.default_rng(len(kinds))
        real, changes = real_covers(faces), CHANGES | MEASURED_CHANGES
        images, points, detected, covered, crops_px = [], [], [], [], []
        for row, kind in kinds:
            picture = faces.images[row].permute(1, 2, 0).numpy().astype(np.float32)
            rough = faces.detected68_crop[row, :, :2].numpy()
            patch = patches[random.integers(len(patches))].astype(np.float32)
            damage = changes[kind](random, picture, rough, patch)
            images.append(damage.picture.round().clip(0, 255).astype(np.uint8))
            points.append(damage.moved(faces.landmarks21_crop[row].numpy()))
            detected.append(damage.moved(rough))
            made = [damage.covered(detected[-1][part]) for part in (EYES, MOUTH)]
            covered.append([m if m != 0.0 else r for m, r in zip(made, real[row], strict=True)])
            crops_px.append(damage.crop_px)
        stacked = np.stack(images)
        signals, landmarks, said_covered = self(stacked, name)
        rows = np.array([row for row, _ in kinds])
        placed, jaw = (torch.from_numpy(np.stack(each)).float() for each in (points, detected))
        nme = handplaced_nme(landmarks, placed, faces.visible21[rows]).numpy()
        weights = np.full(len(nme), weight, np.float32)
        names = np.array([kind for _, kind in kinds])
        sides = np.ptp(landmarks[..., :2].numpy(), axis=1)
        judged = Judged(
            JudgedFaces(signals, with_jaw(nme, landmarks, jaw), weights, names == UNDAMAGED),
            names,
            rows,
            nme,
            np.array(covered, np.float32),
            said_covered,
            np.sqrt(sides.prod(axis=1)) * np.array(crops_px, np.float32) / CROP_SIZE,
            least_nme(stacked.transpose(0, 3, 1, 2)),
        )
        return judged.those(~np.isnan(nme))

    def no_faces(self, crops: NDArray[np.uint8]) -> JudgedFaces:
        """Pictures without a face."""
        signals, count = self(crops, "no faces")[0], len(crops)
        nme = np.full(count, NO_FACE_NME, np.float32)
        weights, usual = np.ones(count, np.float32), np.zeros(count, np.bool_)
        return JudgedFaces(signals, nme, weights, usual)


def with_jaw(nme: Floats, landmarks68_crop: torch.Tensor, detected68_crop: torch.Tensor) -> Floats:
    """(N,) error over all 68 landmarks: at the jaw line the truth is the detected points.

    A benchmark's error counts the jaw line, where AFLW has no hand-placed points but the chin.

    Args:
        nme: (N,) at the hand-placed points, a fraction of the face's size; counts for all others.
        landmarks68_crop: (N, 68, 2 or 3), predicted.
        detected68_crop: (N, 68, 2 or 3), of another method.
    """
    apart = landmarks68_crop[:, JAW, :2] - detected68_crop[:, JAW, :2]
    jaw = (apart.norm(dim=2).mean(dim=1) / FACE_SIZE_PX).numpy()
    share = len(JAW) / IBUG_POINTS
    error: Floats = (1 - share) * nme + share * jaw
    return error


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
        """All but the validation faces of a fold, and but covers that are to be measured on."""
        chosen = ~np.isin(self.validation.kinds, tuple(MEASURED_CHANGES))
        if without is not None:
            chosen &= ~self.fold(without)
        validation = self.validation.faces.rows(chosen)
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


def network_of(weights: Path, model: MorphableModel) -> RunningNetwork:
    """The network of a weights folder as it runs on a CPU: in int8 if the folder has it."""
    stored, _ = load_stored(weights)
    network = network_for(model.head_id, stored, str(weights))
    fits = network.config.output_count == stored.config.output_count
    graph, precision = graph_for(weights, stored if fits else None, CPU, None)
    return running_network(network, graph, CPU, precision)


def known_errors(
    network: RunningNetwork,
    model: MorphableModel,
    originals: Originals,
    cover_network: CoverNetwork,
) -> Material:
    """Makes and predicts all pictures.

    Args:
        network: whose errors; of this head model.
        model: head model.
        originals: the faces, and pictures without one.
        cover_network: says what is covered.
    """
    judge = Judge(network, model, cover_network)
    learned, measured = originals.no_faces, originals.measured_no_faces
    validation, training = originals.validation, originals.training
    kinds = [(row, UNDAMAGED) for row in range(len(validation))]
    damages = (*DAMAGES, *MEASURED_CHANGES)
    kinds += [(row, damages[row // 2 % len(damages)]) for row in range(len(validation))]
    every = (*[UNDAMAGED] * 5, *DAMAGES, DAMAGES[0])  # covered eyes are the hardest to see
    count = min(len(training), ERROR_FACES)
    of_training = [(row, every[row % len(every)]) for row in range(count)]
    return Material(
        judge.faces(validation, kinds, UNSEEN_WEIGHT, measured, "validation faces"),
        judge.faces(training, of_training, 1.0, learned, "training faces").faces,
        judge.no_faces(learned),
        judge.no_faces(measured),
    )
