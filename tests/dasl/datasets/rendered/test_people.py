"""Rendered people, on invented skins and shapes of the head model itself: no data is needed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dasl.datasets.face_set import FaceSet
from dasl.datasets.rendered.occluders import occlude
from dasl.datasets.rendered.people import MOST_YAW_DEG, People, worn_expression
from dasl.datasets.rendered.photo_skin import PhotoSkin, backdrop, is_neutral, mouth_units
from dasl.datasets.rendered.scan_shapes import ScanShapes
from dasl.errors import ConfigError
from dasl.geometry.frames import image_from_model
from dasl.head.morphable_model import MorphableModel

SHOTS = 3


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return MorphableModel.load()


@pytest.fixture(scope="module")
def shapes(model: MorphableModel) -> ScanShapes:
    face = model.region("face")
    return ScanShapes(model.mean_vertices, model.identity_basis, face, face)


def _skin(model: MorphableModel, level: int = 150) -> PhotoSkin:
    return PhotoSkin(
        name="one colour",
        texture=np.full((64, 64, 3), level, dtype=np.uint8),
        hair=np.full(3, 0.1, dtype=np.float32),
        expression=np.zeros(model.expression_count, dtype=np.float32),
        backdrop=np.full((20, 20, 3), 60, dtype=np.uint8),
        shows_hair=True,
    )


@pytest.fixture(scope="module")
def people(model: MorphableModel, shapes: ScanShapes) -> People:
    return People(model, shapes, [_skin(model), _skin(model, 90)], seed=4)


@pytest.fixture(scope="module")
def faces(people: People) -> FaceSet:
    return people.pictures(people.person(0), SHOTS)


def test_a_picture_follows_from_seed_number_and_shot(people: People, faces: FaceSet) -> None:
    again = people.pictures(people.person(0), 1)
    assert again.ids == ("person-4-0-0",)
    assert torch.equal(again.images[0], faces.images[0])
    assert not torch.equal(people.pictures(people.person(1), 1).images[0], faces.images[0])


def test_a_person_keeps_the_shape_and_nothing_else(people: People, faces: FaceSet) -> None:
    heads = faces.coefficients
    assert (heads.identity == heads.identity[0]).all()
    assert not torch.equal(heads.pose.rotation[0], heads.pose.rotation[1])
    assert not np.allclose(people.person(0).rest, people.person(1).rest, atol=1e-3)


def test_with_one_skin_a_person_wears_the_same_in_all_pictures(
    model: MorphableModel, shapes: ScanShapes
) -> None:
    asked: list[int] = []

    class Wardrobe(list[PhotoSkin]):
        def __getitem__(self, index):  # type: ignore[no-untyped-def,override]
            asked.append(index)
            return super().__getitem__(index)

    skins = Wardrobe([_skin(model, level) for level in range(50, 130)])
    people = People(model, shapes, skins, 4, one_skin=True)
    for number in (0, 1):
        people.pictures(people.person(number), SHOTS)
    assert asked[:SHOTS] == [asked[0]] * SHOTS
    assert asked[SHOTS:] == [asked[-1]] * SHOTS
    assert asked[0] != asked[-1]


def test_people_of_two_seeds_differ(model: MorphableModel, shapes: ScanShapes) -> None:
    one, other = (People(model, shapes, [_skin(model)], seed).person(0) for seed in (1, 9001))
    assert not np.allclose(one.rest, other.rest, atol=1e-3)


def test_landmarks_are_those_of_the_true_surface(
    model: MorphableModel, people: People, faces: FaceSet
) -> None:
    person = people.person(0)
    for row in range(SHOTS):
        head = faces.coefficients.rows(row, row + 1)
        surface = torch.from_numpy(people.vertices(person, head.expression[0].numpy()))
        wanted68 = image_from_model(model.landmarks68_of(surface)[None], head.pose)
        wanted21 = image_from_model(model.landmarks21_of(surface)[None], head.pose)[..., :2]
        torch.testing.assert_close(faces.landmarks68_crop[row : row + 1], wanted68)
        torch.testing.assert_close(faces.landmarks21_crop[row : row + 1], wanted21)


def test_pictures_show_a_face_turned_by_at_most_80_degrees(people: People) -> None:
    some = people.pictures(people.person(2), 12)
    assert some.yaw_deg.abs().max() <= MOST_YAW_DEG
    assert (some.images.float().flatten(1).std(dim=1) > 8).all(), "a picture is flat"


def test_the_mouth_does_what_a_smiling_skin_shows(model: MorphableModel) -> None:
    names = model.expression_names
    smile = np.zeros(len(names), dtype=np.float32)
    smile[[names.index("mouthSmileLeft"), names.index("mouthSmileRight")]] = 0.9
    smiling = replace(_skin(model), expression=smile)
    assert is_neutral(_skin(model).expression, names)
    assert not is_neutral(smile, names)
    at_rest = [worn_expression(np.random.default_rng(s), _skin(model), names) for s in range(20)]
    worn = [worn_expression(np.random.default_rng(s), smiling, names) for s in range(20)]
    units = mouth_units(names)
    for drawn, kept in zip(at_rest, worn, strict=True):
        assert 0.8 * 0.9 - 1e-6 <= kept[names.index("mouthSmileLeft")] <= 0.9 + 1e-6
        assert not kept[units & (smile == 0)].any()
        np.testing.assert_array_equal(kept[~units], drawn[~units])
    assert any(drawn[units].max() > 0.3 for drawn in at_rest)


def test_occluders_cover_a_part_of_some_pictures() -> None:
    changed = []
    for seed in range(60):
        picture = np.full((60, 60, 3), 0.5, dtype=np.float32)
        occlude(np.random.default_rng(seed), picture, np.zeros_like(picture))
        changed.append(float((np.abs(picture - 0.5) > 0.01).any(axis=2).mean()))
    share = np.mean(np.array(changed) > 0)
    assert 0.1 < share < 0.45
    assert max(changed) < 0.6


def test_the_backdrop_is_the_corner_that_varies_less() -> None:
    photo = np.zeros((90, 90, 3), dtype=np.uint8)
    photo[:30, :30:2] = 255
    photo[:30, 60:] = 77
    piece = backdrop(photo, np.array([0.0, 0.0, 90.0, 90.0]))
    assert piece.shape == (30, 30, 3)
    assert (piece == 77).all()


def test_no_skins_and_a_negative_seed_are_refused(
    model: MorphableModel, shapes: ScanShapes
) -> None:
    for seed, skins in ((-1, [_skin(model)]), (1, [])):
        with pytest.raises(ConfigError, match="wanted a seed >= 0 and skins"):
            People(model, shapes, skins, seed)
