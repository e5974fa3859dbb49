"""Geometry of augmentation: pixels, points and pose move together."""

import torch

from dasl.head.landmarks import MIRROR_21, MIRROR_68
from dasl.head.projection import landmarks21_image, landmarks68_image
from dasl.training.augment.geometry import augment, draw_similarity, transform_labels
from dasl.training.augment.keyed_random import Draws, epoch_draws, id_keys
from dasl.training.config import AugmentConfig
from tests.dasl.tiny_model import invented_faces, tiny_model

MODEL = tiny_model()


def draws(count: int, seed: int = 0) -> Draws:
    return epoch_draws(id_keys(tuple(str(i) for i in range(count))), seed, 0)


def test_mirror_partners_are_their_own_inverse() -> None:
    for partners in (MIRROR_68, MIRROR_21):
        assert [partners[partner] for partner in partners] == list(range(len(partners)))
    assert (MIRROR_68[36], MIRROR_68[40], MIRROR_68[57]) == (45, 47, 57)


def test_projecting_the_transformed_labels_gives_the_transformed_landmarks() -> None:
    faces = invented_faces(64)
    similarity = draw_similarity(AugmentConfig(), draws(64))
    assert 10 < int(similarity.flip.sum()) < 54
    moved = transform_labels(faces, similarity, MODEL)
    points68 = landmarks68_image(MODEL, moved.coefficients)
    points21 = landmarks21_image(MODEL, moved.coefficients)[..., :2]
    torch.testing.assert_close(points68, moved.landmarks68_crop, atol=1e-3, rtol=0)
    torch.testing.assert_close(points21, moved.landmarks21_crop, atol=1e-3, rtol=0)
    torch.testing.assert_close(torch.linalg.det(moved.coefficients.pose.rotation), torch.ones(64))


def test_augment_is_repeatable_and_leaves_its_input_alone() -> None:
    faces = invented_faces(8)
    before = faces.images.clone(), faces.landmarks68_crop.clone()
    first, second = (
        augment(faces, faces.images, AugmentConfig(), MODEL, draws(8, seed=3)) for _ in range(2)
    )
    assert torch.equal(first.images, second.images)
    assert torch.equal(faces.images, before[0])
    assert torch.equal(faces.landmarks68_crop, before[1])
    assert first.images.dtype == torch.float32
    assert first.images.min() >= 0 and first.images.max() <= 255


def test_a_face_is_augmented_alike_in_any_batch() -> None:
    faces, all_draws = invented_faces(24), draws(24)
    whole = augment(faces, faces.images.flip(0), AugmentConfig(), MODEL, all_draws)
    some = torch.tensor([17, 2, 9, 23])
    part = augment(
        faces.select(some),
        faces.images.flip(0)[some],
        AugmentConfig(),
        MODEL,
        all_draws.rows(some),
    )
    torch.testing.assert_close(part.images, whole.images[some], atol=1e-2, rtol=0)
    torch.testing.assert_close(part.landmarks68_crop, whole.landmarks68_crop[some])
