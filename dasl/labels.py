"""Labels for training: 3D coefficients fitted to what is known of each 2D face.

Two sources are joined by one fit of the head model: an off-the-shelf aligner's 68 points (all
points, noisy, of the wanted convention) and AFLW's hand-placed points (few, visible ones only,
exact; they have surface points of their own).
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from dasl.coefficients import Coefficients
from dasl.datasets.faces_2d import Faces2d, Split, read_faces_2d
from dasl.errors import ConfigError
from dasl.fitting import Observations, fit
from dasl.frames import image_from_model
from dasl.morphable_model import MorphableModel
from dasl.training.config import DataConfig
from dasl.training.face_set import FaceSet, concatenate, load_face_set

# Where detected68 lies relative to the hand-placed points of eyes, nose tip and mouth, x and y:
# mean over the training split, crop pixels. `python -m tools.label_report` prints it.
DETECTED_OFFSET_PX = (-0.58, -0.57)
EARS = (12, 16)


@dataclass(frozen=True)
class LabelWeights:
    """Inverse variances relative to one coordinate of a detected point."""

    detected_depth: float = 0.2
    hand_placed: float = 16.0
    ears: float = 1.0


def label_observations(faces: Faces2d, weights: LabelWeights | None = None) -> Observations:
    """What a fit may use of training faces: (N, 68 + 21, 3)."""
    weights = weights or LabelWeights()
    count = len(faces)
    points = torch.zeros(count, 89, 3)
    points[:, :68] = faces.detected68_crop
    points[:, :68, :2] -= torch.tensor(DETECTED_OFFSET_PX)
    points[:, 68:, :2] = faces.landmarks21_crop
    weight = torch.zeros(count, 89, 3)
    weight[:, :68, :2] = 1.0
    weight[:, :68, 2] = weights.detected_depth
    seen = faces.visible21.float()
    seen[:, list(EARS)] *= weights.ears / weights.hand_placed
    weight[:, 68:, :2] = weights.hand_placed * seen[..., None]
    return Observations(points, weight)


def fitted_landmarks68(model: MorphableModel, coefficients: Coefficients) -> Tensor:
    """The fitted model's landmarks: (N, 68, 3) crop pixels."""
    points = model.landmarks68(coefficients.identity, coefficients.expression)
    return image_from_model(points, coefficients.pose)


def load_training_sets(config: DataConfig, root: Path) -> tuple[FaceSet, FaceSet]:
    """What a config asks for: training and validation faces, labelled.

    Args:
        config: each entry of `train` is `faces_2d` (fitted here, about two minutes) or a packed
            face set (`.safetensors`); relative paths are looked up here, then in `root`.
        root: data root.

    Raises:
        ConfigError: a source does not exist or cannot be read.
    """
    model = MorphableModel.load()
    train = [_load(entry, "train", config, root, model) for entry in config.train]
    return concatenate(train), _load(config.validation, "validation", config, root, model)


def _load(
    entry: str, split: Split, config: DataConfig, root: Path, model: MorphableModel
) -> FaceSet:
    limit = config.train_limit if split == "train" else None
    if entry == "faces_2d":
        faces = read_faces_2d(root, split, limit)
        return labelled_faces(model, faces, config.fitted_coefficient_weight, split == "train")
    if not entry.endswith(".safetensors"):
        raise ConfigError(f"data entries are faces_2d or a .safetensors file, got {entry!r}")
    packed = load_face_set(Path(entry) if Path(entry).exists() else root / entry)
    return packed if limit is None else packed.select(torch.arange(min(limit, len(packed))))


def labelled_faces(
    model: MorphableModel, faces: Faces2d, coefficient_weight: float, use_hand_placed: bool
) -> FaceSet:
    """Fits the model to each face; the labels are the fit's own landmarks and coefficients.

    Args:
        model: the head model.
        faces: N faces.
        coefficient_weight: how far the fits count as 3D truth, 0 to 1.
        use_hand_placed: False for validation, whose hand-placed points no fit may use.
    """
    observations = label_observations(faces)
    if not use_hand_placed:
        observations.weight[:, 68:] = 0.0
    result = fit(model, observations, progress=True)
    found = result.coefficients
    return FaceSet(
        ids=faces.ids,
        images=faces.images,
        landmarks68_crop=fitted_landmarks68(model, found),
        landmarks21_crop=faces.landmarks21_crop,
        visible21=faces.visible21,
        rotation=found.pose.rotation,
        scale=found.pose.scale,
        translation=found.pose.translation,
        identity=found.identity,
        expression=found.expression,
        coefficient_weight=torch.full((len(faces),), coefficient_weight),
        yaw_deg=faces.yaw_deg,
    )
