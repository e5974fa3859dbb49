"""Loads the faces of a config's `data` section: labelled training and validation faces."""

from dataclasses import dataclass
from pathlib import Path

import torch

from dasl.datasets.bfm_head import Statistics62
from dasl.datasets.conventions import without_offsets
from dasl.datasets.face_set import FaceSet, concatenate, load_face_set
from dasl.datasets.faces_2d import FOLDER_NAME, Split
from dasl.datasets.labels import labelled_faces, wild_faces
from dasl.datasets.mapped_faces import faces_on_head
from dasl.datasets.painted import PAINTED, painted_faces
from dasl.datasets.pseudo_labels import half_of
from dasl.datasets.rendered.people_split import refuse_measuring_people
from dasl.datasets.sources import read_source
from dasl.datasets.w300lp import load_bfm_head, read_300w_lp
from dasl.errors import ConfigError
from dasl.head.landmark_file import head_with_landmarks
from dasl.head.morphable_model import MorphableModel
from dasl.training.config import DataConfig
from dasl.weights.folder import load_weights

DETECTED_ONLY = ":detected"
FOLDER_300W_LP = "300w_lp"


@dataclass(frozen=True, eq=False)
class HeadSource:
    """The head model that labels are made with.

    Attributes:
        model: float32, on the CPU.
        statistics: its units, for a head read from the Basel Face Model; None for ours.
        teacher_model: the head model of `data.teachers`; None is `model`.
    """

    model: MorphableModel
    statistics: Statistics62 | None = None
    teacher_model: MorphableModel | None = None


def load_head(config: DataConfig, root: Path) -> HeadSource:
    """The head model of a config.

    Raises:
        ConfigError: `data.head` is bfm, and `root` does not hold the user's files.
        WeightsError: the file of `data.landmarks` is missing, damaged or of another head.
    """
    if config.head == "bfm":
        return HeadSource(*load_bfm_head(root, config.broken_share))
    return HeadSource(head_with_landmarks(Path(config.landmarks) if config.landmarks else None))


def load_training_sets(
    config: DataConfig, root: Path, head: HeadSource | None = None
) -> tuple[FaceSet, FaceSet]:
    """The labelled training and validation faces of a config.

    Args:
        config: see `DataConfig.train` for the entries; relative paths are resolved in the working
            folder, then in `root`.
        root: data root.
        head: from `load_head`; None loads it.

    Raises:
        ConfigError: a source does not exist or cannot be read.
    """
    head = head or load_head(config, root)
    if config.teachers and FOLDER_NAME not in config.train:
        raise ConfigError("data.teachers label faces_2d, which data.train does not name")
    train = [load_entry(entry, "train", config, root, head) for entry in config.train]
    return concatenate(train), load_entry(config.validation, "validation", config, root, head)


def load_entry(
    entry: str, split: Split, config: DataConfig, root: Path, head: HeadSource
) -> FaceSet:
    """The labelled faces of one entry; arguments and errors as for `load_training_sets`."""
    limit = config.train_limit if split == "train" else None
    if entry == FOLDER_300W_LP:
        if head.statistics is None:
            raise ConfigError(
                "300w_lp has coefficients of the Basel Face Model; set data.head: bfm"
            )
        share = config.broken_share
        return read_300w_lp(root, head.model, head.statistics, limit, share)
    if entry.startswith(PAINTED):
        return painted_faces(head.model, entry, limit)
    if entry.endswith(".safetensors"):
        packed = load_face_set(Path(entry) if Path(entry).exists() else root / entry)
        packed = faces_on_head(packed, head.model.head_id, entry)
        if split == "train":
            refuse_measuring_people(packed.ids)
        return packed if limit is None else packed.select(torch.arange(min(limit, len(packed))))
    source = entry.removesuffix(DETECTED_ONLY)
    faces = read_source(source, root, split, limit, config.broken_share)
    if config.half is not None and split == "train":
        own = torch.tensor([half_of(name) == config.half for name in faces.ids])
        faces = faces.select(own.nonzero()[:, 0])
    if source == FOLDER_NAME:
        faces = without_offsets(faces, hand_placed=split == "train")
    if entry != source:
        return wild_faces(head.model, faces)
    if head.statistics is not None:
        raise ConfigError(
            f"data.head: bfm cannot be fitted to {source}; use its landmarks alone: "
            f"{source}{DETECTED_ONLY}"
        )
    training = split == "train"
    has_teachers = training and source == FOLDER_NAME
    names = config.teachers if has_teachers else ()
    teacher_model = head.teacher_model or head.model
    teachers = [load_weights(name, head_id=teacher_model.head_id)[0] for name in names]
    weight = config.fitted_coefficient_weight
    return labelled_faces(head.model, faces, weight, training, teachers, teacher_model)
