"""Several photos of a person: who is used, who is left out and why, and what comes out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dasl.errors import NoFaceFound, PhotoError
from dasl.network.identity_statistics import IdentityStatistics
from dasl.reconstruction.face import Face
from dasl.reconstruction.one_person import of_one_person, person_of_photos
from tests.dasl.painted_head import head_model, painted_face


def _statistics() -> IdentityStatistics:
    """Two components, seen alike from everywhere, with little error."""
    eye = np.eye(2)
    return IdentityStatistics(
        edges_deg=np.zeros(0),
        mirror_sign=np.ones(2),
        mean=np.zeros((1, 2)),
        typical=np.zeros((1, 2)),
        response=0.5 * eye[None],
        own=0.01 * eye[None],
        prior=eye,
        shared=0.001 * eye,
        least_evidence=np.array([-3.0]),
    )


def _face(first: float, second: float = 0.0, yaw_deg: float = 0.0) -> Face:
    identity = np.zeros(head_model().identity_count, dtype=np.float32)
    identity[:2] = first, second
    return replace(painted_face(yaw_deg), identity=identity)


ANNA, BERTA = _face(0.5), _face(-0.5)


def _from(photos: dict[str, list[Face] | Exception], *names: str, keep_all: bool = False):
    def reconstruct(name):
        found = photos[str(name)]
        if isinstance(found, Exception):
            raise found
        return found

    chosen = [Path(name) for name in names or photos]
    return person_of_photos(reconstruct, _statistics(), chosen, keep_all)


def test_one_photo_gives_its_face_as_it_is():
    person = _from({"a.jpg": [ANNA]})
    assert person.face is ANNA
    assert person.faces == (ANNA,)
    assert person.used == (0,)
    assert person.left_out == ()


def test_photos_of_one_person_share_an_identity_beyond_their_mean():
    person = _from({"a.jpg": [_face(0.5)], "b.jpg": [_face(0.6, yaw_deg=25.0)]})
    assert person.used == (0, 1)
    first, second = person.faces
    np.testing.assert_array_equal(first.identity, second.identity)
    assert 1.0 < first.identity[0] < 1.1  # the network tells half of a person
    assert second.pose.yaw_deg == pytest.approx(25.0, abs=3.0)
    assert abs(first.pose.yaw_deg) < 3.0
    # each stays where it was on its photo
    for face, before in zip(person.faces, (_face(0.5), _face(0.6, yaw_deg=25.0)), strict=True):
        assert np.abs(face.landmarks[17:, :2] - before.landmarks[17:, :2]).mean() < 4.0


def test_the_best_seen_face_stands_for_the_person_and_wears_all_photos():
    person = _from({"side.jpg": [_face(0.5, yaw_deg=70.0)], "front.jpg": [_face(0.5)]})
    assert abs(person.face.pose.yaw_deg) < 5.0
    (view,) = person.face.more_views
    assert view.patch is person.faces[0].patch
    assert person.face.head.more_views == person.face.more_views


def test_somebody_else_is_named_and_left_out_unless_all_are_wanted():
    photos = {"a.jpg": [ANNA], "b.jpg": [BERTA], "c.jpg": [_face(0.45)]}
    person = _from(photos)
    assert person.used == (0, 2)
    assert str(person.left_out[0]) == (
        "b.jpg: left out, seems to show somebody else than the other photos"
    )
    everybody = _from(photos, keep_all=True)
    assert everybody.used == (0, 1, 2)
    assert everybody.left_out == ()


def test_of_two_photos_that_disagree_the_first_counts():
    assert _from({"a.jpg": [ANNA], "b.jpg": [BERTA]}).used == (0,)
    assert _from({"b.jpg": [BERTA], "a.jpg": [ANNA]}).face is BERTA


def test_the_larger_group_is_the_person():
    faces = [BERTA, ANNA, _face(0.55), _face(-0.45), _face(0.5, yaw_deg=25.0)]
    assert of_one_person(_statistics(), faces).tolist() == [False, True, True, False, True]


def test_photos_without_a_single_face_are_named_with_the_reason():
    photos = {
        "none.jpg": [],
        "group.jpg": [ANNA, BERTA],
        "a.jpg": [ANNA],
        "torn.jpg": PhotoError("'torn.jpg' is cut"),
    }
    person = _from(photos)
    assert person.used == (2,)
    assert [str(each) for each in person.left_out] == [
        "none.jpg: left out, no face found",
        "group.jpg: left out, 2 faces found; cut the photo to the one that is meant",
        "torn.jpg: left out, cannot be read ('torn.jpg' is cut)",
    ]
    with pytest.raises(NoFaceFound, match=r"(?s)single face.*none\.jpg: no face.*group\.jpg: 2"):
        _from(photos, "none.jpg", "group.jpg")


def test_photos_without_a_path_are_called_by_their_number():
    with pytest.raises(NoFaceFound, match="photo 2: no face found"):
        person_of_photos(lambda _: [], _statistics(), [np.zeros((9, 9, 3))] * 2, False)


def test_hair_is_looked_for_on_the_photo_of_the_chosen_face_with_the_common_identity():
    person = _from({"a.jpg": [_face(0.5)], "b.jpg": [_face(0.6, yaw_deg=25.0)]})
    chosen = person.faces[0]
    assert person.face.around is chosen.around
    assert person.face.head.around is chosen.around
    np.testing.assert_array_equal(person.face.head.coefficients.identity[0], chosen.identity)
    assert len(person.face.head.more_views) == 1
