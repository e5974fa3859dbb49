"""The ablation's faces, with and without 3D annotation."""

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

from dasl.datasets.conventions import without_offsets
from dasl.datasets.face_rows import Faces2d
from dasl.datasets.face_set import FaceSet, concatenate, load_face_set
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.labels import labelled_faces, wild_faces
from dasl.head.morphable_model import MorphableModel

FILES = ("annotated.safetensors", "wild.safetensors", "validation.safetensors")


@dataclass(frozen=True, eq=False)
class AblationFaces:
    """The same training faces with and without 3D annotation, and the validation faces.

    Attributes:
        annotated: N faces with fitted coefficients and landmarks.
        wild: the same N in the same order, with only detected landmarks in x and y.
        validation: faces as `wild`, with hand-placed points.
    """

    annotated: FaceSet
    wild: FaceSet
    validation: FaceSet

    def training_set(self, budget: int, supervised: bool) -> FaceSet:
        """The faces, a share of them with annotation.

        Args:
            budget: percentage of faces with annotation.
            supervised: leaves out the faces without annotation.
        """
        known = torch.tensor([is_annotated(name, budget) for name in self.wild.ids])
        with_3d = self.annotated.select(known.nonzero()[:, 0])
        if supervised or bool(known.all()):
            return with_3d
        return concatenate([with_3d, self.wild.select((~known).nonzero()[:, 0])])


def is_annotated(name: str, budget: int) -> bool:
    """Whether a face is among the given percentage with 3D annotation.

    The faces of a smaller budget are a subset of a larger one's. With 20 these are the faces with
    int(sha256(name).hexdigest(), 16) % 5 == 0.

    Args:
        name: file name without a folder, with its suffix.
        budget: percent; divides 100.
    """
    return int(hashlib.sha256(Path(name).name.encode()).hexdigest(), 16) % (100 // budget) == 0


def load_ablation_faces(
    root: Path, folder: Path, model: MorphableModel, limit: int | None
) -> AblationFaces:
    """Read and fit the faces, or load them from an earlier call with the same folder.

    Args:
        root: data root, which holds `faces_2d/`.
        folder: for the packed sets.
        model: head model.
        limit: training faces, chosen by a hash of their names; None takes all.

    Raises:
        ConfigError: the data are missing.
    """
    files = [folder / name for name in FILES]
    if not all(file.exists() for file in files):
        faces = without_offsets(_chosen(read_faces_2d(root, "train"), limit))
        # The last file exists only if all are complete.
        labelled_faces(model, faces, 1.0, use_hand_placed=True).save(files[0])
        wild_faces(model, faces).save(files[1])
        validation = without_offsets(read_faces_2d(root, "validation"), hand_placed=False)
        wild_faces(model, validation).save(files[2])
    return AblationFaces(*(load_face_set(file) for file in files))


def _chosen(faces: Faces2d, limit: int | None) -> Faces2d:
    """Some faces, chosen by a hash that is independent of the annotation."""
    order = sorted(
        range(len(faces)), key=lambda i: hashlib.sha256(b"/" + faces.ids[i].encode()).digest()
    )
    rows = torch.tensor(sorted(order[:limit]))
    fields = {
        field.name: getattr(faces, field.name)[rows]
        for field in dataclasses.fields(faces)
        if field.name != "ids"
    }
    return dataclasses.replace(faces, ids=tuple(faces.ids[i] for i in rows.tolist()), **fields)
