"""One head from several photos of a person: outlier rejection, then identity fusion."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dasl.arrays import FloatArray
from dasl.errors import NoFaceFound, PhotoError
from dasl.export.textured_head import PhotoView
from dasl.head.projection import landmarks68_image
from dasl.head.reshaping import with_identity
from dasl.network.identity_statistics import IdentityStatistics
from dasl.photo.load import PhotoSource
from dasl.reconstruction.face import Face
from dasl.reconstruction.face_pose import face_pose

SOMEBODY_ELSE = "seems to show somebody else than the other photos"
SEEDS = 5
"""Number of seed faces from which a group is grown: those that most others match."""


@dataclass(frozen=True)
class LeftOut:
    """A photo that was not used.

    Attributes:
        index: position among the given photos.
        photo: its path, or e.g. "photo 3" if it has none.
        reason: why, phrased to follow the name.
    """

    index: int
    photo: str
    reason: str

    def __str__(self) -> str:
        return f"{self.photo}: left out, {self.reason}"


@dataclass(frozen=True, eq=False)
class PersonResult:
    """One person from several photos.

    Attributes:
        face: on the photo with the best view; its texture combines all used photos.
        faces: the person on each used photo, with a shared identity but own pose and expression.
        used: positions of these photos among the given ones.
        left_out: the photos that were not used.
    """

    face: Face
    faces: tuple[Face, ...]
    used: tuple[int, ...]
    left_out: tuple[LeftOut, ...]


def person_of_photos(
    reconstruct: Callable[[PhotoSource], list[Face]],
    statistics: IdentityStatistics,
    photos: Iterable[PhotoSource],
    keep_all: bool,
) -> PersonResult:
    """See `FaceReconstructor.person`.

    Args:
        reconstruct: returns the faces of one photo.
        statistics: of the identities that it predicts.
        photos: of one person.
        keep_all: use every photo with a single face, without checking who it shows.

    Raises:
        NoFaceFound: no photo shows a single face.
    """
    found: dict[int, Face] = {}
    names, left_out = [], []
    for index, photo in enumerate(photos):
        names.append(str(photo) if isinstance(photo, str | Path) else f"photo {index + 1}")
        try:
            faces = reconstruct(photo)
        except PhotoError as error:
            left_out.append(LeftOut(index, names[-1], f"cannot be read ({error})"))
            continue
        if len(faces) == 1:
            found[index] = faces[0]
        else:
            left_out.append(LeftOut(index, names[-1], _unusable(len(faces))))
    if not found:
        reasons = "".join(f"\n  {each.photo}: {each.reason}" for each in left_out)
        raise NoFaceFound(f"no photo with a single face; give one or more photos{reasons}")
    indices = np.array(list(found))
    is_used = np.ones(len(found), dtype=bool)
    if not keep_all:
        is_used = of_one_person(statistics, list(found.values()))
    left_out += [LeftOut(index, names[index], SOMEBODY_ELSE) for index in indices[~is_used]]
    used = tuple(indices[is_used].tolist())
    faces = one_persons_faces(statistics, [found[index] for index in used])
    left_out.sort(key=lambda each: each.index)
    return PersonResult(best_of(faces), tuple(faces), used, tuple(left_out))


def _unusable(count: int) -> str:
    if count == 0:
        return "no face found"
    return f"{count} faces found; cut the photo to the one that is meant"


def of_one_person(statistics: IdentityStatistics, faces: Sequence[Face]) -> NDArray[np.bool_]:
    """Mask (N,) of the largest group of faces that show one person.

    A group grows greedily from a seed face. In each step the face with the highest evidence for
    the group's person joins, until that evidence is below `IdentityStatistics.least_evidence`. Of
    equally large groups, the one with the earliest face is chosen.
    """
    yaws = np.array([face.pose.yaw_deg for face in faces])
    identities = statistics.distinct(np.stack([face.identity for face in faces]), yaws)
    count = len(faces)
    least = float(statistics.least_evidence[0])
    agreeing = np.zeros(count)
    for row in range(count):
        known = statistics.belief(identities[[row]], yaws[[row]])
        agreeing[row] = (statistics.evidence(known, identities, yaws) >= least).sum()
    largest = np.zeros(count, dtype=bool)
    for seed in sorted(range(count), key=lambda row: (-agreeing[row], row))[:SEEDS]:
        group = np.arange(count) == seed
        while not group.all():
            known = statistics.belief(identities[group], yaws[group])
            others = np.flatnonzero(~group)
            evidence = statistics.evidence(known, identities[others], yaws[others])
            if evidence.max() < least:
                break
            group[others[evidence.argmax()]] = True
        better = group.sum() - largest.sum()
        if better > 0 or (better == 0 and group.argmax() < largest.argmax()):
            largest = group
    return largest


def one_persons_faces(statistics: IdentityStatistics, faces: Sequence[Face]) -> list[Face]:
    """Replace the identities of one person's faces by their fused estimate.

    Each face keeps its place on its photo. A single face is returned unchanged.
    """
    if len(faces) < 2:
        return list(faces)
    identities = np.stack([face.identity for face in faces])
    fused = statistics.fused(identities, [face.pose.yaw_deg for face in faces])
    return [_reshaped(face, fused.astype(np.float32)) for face in faces]


def _reshaped(face: Face, identity: FloatArray) -> Face:
    model = face.model
    moved = with_identity(model, face.coefficients, identity)
    return replace(
        face,
        landmarks=landmarks68_image(model, moved)[0],
        pose=face_pose(moved.pose, 0),
        expression=dict(zip(face.expression, moved.expression[0].tolist(), strict=True)),
        identity=moved.identity[0],
    )


def best_of(faces: Sequence[Face]) -> Face:
    """The face with the best view, textured from all photos."""
    chosen = max(range(len(faces)), key=lambda row: (_score(faces[row]), -row))
    others = [face for row, face in enumerate(faces) if row != chosen]
    views = tuple(PhotoView(face.coefficients, face.patch) for face in others)
    return replace(faces[chosen], more_views=views) if views else faces[chosen]


def _score(face: Face) -> float:
    """Confidence times frontality: cos(yaw) cos(pitch), at least 0 each."""
    turned = np.radians([face.pose.yaw_deg, face.pose.pitch_deg])
    return face.confidence * float(np.cos(turned).clip(0.0).prod())
