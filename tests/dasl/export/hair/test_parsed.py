"""Hair labels from the hair network."""

import cv2
import numpy as np

from dasl import FaceReconstructor
from dasl.arrays import FloatArray
from dasl.export.hair.hair import small_copy
from dasl.export.hair.labels import HairLabels
from dasl.export.hair.parsed import parsed_labels
from dasl.network.hair_parser import PARTS
from space.examples import photo_path
from tests.dasl.export.hair.haired_head import face_with_hair


class Painted:
    """In place of the network: gives these parts, whatever it is shown."""

    def __init__(self, parts: np.ndarray) -> None:
        self.parts = parts

    def __call__(self, planes: FloatArray) -> FloatArray:
        assert planes.shape[1:] == self.parts.shape
        return (self.parts == np.arange(len(PARTS))[:, None, None]).astype(np.float32)


def labels_of(monkeypatch, change, wall=None) -> tuple[HairLabels, np.ndarray]:
    """Labels of the painted head from parts (H, W) that are changed first, and these parts.

    The person's outline has the inner half of the hair; the outer one shows `wall`, if given.
    """
    face = face_with_hair(monkeypatch)
    coefficients = face.head.coefficients
    known = face.head.hair.on_photo.labels
    picture, camera = small_copy(face.around, face.around.camera(coefficients.pose))
    parts = np.where(known.hair, PARTS.index("hair"), np.where(known.person, 1, 0))
    change(parts)
    vertices = face.model.vertices(coefficients.identity, coefficients.expression)[0]
    outline = cv2.dilate((known.person & ~known.hair).astype(np.uint8), np.ones((9, 9))) > 0
    share = (outline & known.person).astype(np.float32)
    if wall is not None:
        picture = np.where((known.hair & ~outline)[..., None], np.uint8(wall), picture)
    return (
        parsed_labels(face.model, vertices, camera, picture, share, Painted(parts)),
        parts,
    )


def test_other_people_s_hair_is_left_out(monkeypatch) -> None:
    def add_somebody(parts: np.ndarray) -> None:
        parts[5:25, 5:20] = PARTS.index("hair")

    found, parts = labels_of(monkeypatch, add_somebody)
    assert not found.hair[5:25, 5:20].any()
    assert found.hair.sum() > 0.9 * (parts == PARTS.index("hair")).sum() - 300


def test_a_hat_is_a_part_of_the_hair(monkeypatch) -> None:
    def put_hat_on(parts: np.ndarray) -> None:
        upper = parts[: len(parts) // 3]
        upper[upper == PARTS.index("hair")] = PARTS.index("hat")

    found, parts = labels_of(monkeypatch, put_hat_on)
    assert found.hat.any() and (found.hat & ~found.hair).sum() == 0
    np.testing.assert_array_equal(found.hat, found.hair & (parts == PARTS.index("hat")))


def test_hair_that_the_outline_left_out_is_the_person_s(monkeypatch) -> None:
    found, parts = labels_of(monkeypatch, lambda parts: None)
    assert (
        found.hair.sum() > 0.9 * (parts == PARTS.index("hair")).sum()
        and (found.hair & ~found.person).sum() == 0
    )
    assert found.colours is not None


def test_leaves_beyond_the_outline_are_no_hair(monkeypatch) -> None:
    whole, _ = labels_of(monkeypatch, lambda parts: None)
    inner, _ = labels_of(monkeypatch, lambda parts: None, wall=(60, 160, 40))
    assert 0 < inner.hair.sum() < 0.7 * whole.hair.sum()


def test_a_real_photo_s_hair_is_labelled_and_the_face_is_not() -> None:
    reconstructor = FaceReconstructor.from_pretrained(device="cpu")
    (face,) = reconstructor(photo_path("astronaut"))
    on_photo = face.head.hair.on_photo
    places = {"temples": (0.085, 0.05, -0.08), "crown": (0.0, 0.13, -0.08), "nose": (0.0, 0.0, 0.0)}
    for name, (x, y, z) in places.items():
        for side in (-1.0, 1.0):
            (column, row), _ = on_photo.small.project(np.array([side * x, y, z], np.float32))
            assert on_photo.labels.hair[round(row), round(column)] == (name != "nose"), name
    assert not on_photo.labels.hat.any()
