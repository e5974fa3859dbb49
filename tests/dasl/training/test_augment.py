"""Geometry of augmentation: pixels, points and pose move together."""

import pytest
import torch

from dasl.frames import image_from_model
from dasl.training.augment import (
    MIRROR_21,
    MIRROR_68,
    Mirror,
    Similarity,
    augment,
    draw_similarity,
    transform_labels,
    transform_points,
    warp_images,
)
from dasl.training.config import AugmentConfig
from dasl.training.random_draws import Draws, epoch_draws, id_keys
from tests.dasl.tiny_model import invented_faces, tiny_model

MODEL = tiny_model()
MIRROR = Mirror(MODEL.identity_mirror_sign, MODEL.mirror_expression)


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
    moved = transform_labels(faces, similarity, MIRROR)
    shape = (moved.identity, moved.expression)
    points68 = image_from_model(MODEL.landmarks68(*shape), moved.pose)
    points21 = image_from_model(MODEL.landmarks21(*shape), moved.pose)[..., :2]
    torch.testing.assert_close(points68, moved.landmarks68_crop, atol=1e-3, rtol=0)
    torch.testing.assert_close(points21, moved.landmarks21_crop, atol=1e-3, rtol=0)
    torch.testing.assert_close(torch.linalg.det(moved.rotation), torch.ones(64))


def test_a_quarter_turn_moves_a_point_clockwise() -> None:
    quarter = Similarity(
        flip=torch.tensor([False]),
        turn_rad=torch.tensor([torch.pi / 2]),
        scale=torch.tensor([1.0]),
        shift=torch.tensor([[0.0, 5.0]]),
    )
    moved = transform_points(torch.tensor([[[69.5, 59.5, 7.0]]]), quarter)
    torch.testing.assert_close(moved, torch.tensor([[[59.5, 74.5, 7.0]]]))


def test_pixels_move_with_the_points() -> None:
    points = torch.tensor([[[40.0, 70.0], [75.0, 45.0]]]).repeat(32, 1, 1)
    pixels = torch.arange(120.0)
    x = torch.exp(-((pixels - points[..., :1]) ** 2) / 18)
    y = torch.exp(-((pixels - points[..., 1:]) ** 2) / 18)
    similarity = draw_similarity(AugmentConfig(), draws(32))
    for point in range(2):
        images = 255 * torch.einsum("bx,by->byx", x[:, point], y[:, point])
        images = images[:, None].repeat(1, 3, 1, 1)
        warped = warp_images(images, similarity, torch.ones(32, dtype=torch.bool))[:, 0]
        total = warped.sum(dim=(1, 2))
        centre = torch.stack(
            ((warped.sum(1) * pixels).sum(1) / total, (warped.sum(2) * pixels).sum(1) / total), 1
        )
        moved = transform_points(points, similarity)[:, point]
        torch.testing.assert_close(centre, moved, atol=0.03, rtol=0)


def test_the_identity_similarity_changes_nothing() -> None:
    images = invented_faces(2).images.float()
    still = Similarity(
        torch.tensor([False, True]), torch.zeros(2), torch.ones(2), torch.zeros(2, 2)
    )
    warped = warp_images(images, still, torch.tensor([True, False]))
    torch.testing.assert_close(warped[0], images[0], atol=1e-2, rtol=0)
    torch.testing.assert_close(warped[1], images[1].flip(-1), atol=1e-2, rtol=0)


def test_outside_is_black_or_the_border() -> None:
    images = torch.full((2, 3, 120, 120), 200.0)
    shifted = Similarity(
        torch.zeros(2, dtype=torch.bool),
        torch.zeros(2),
        torch.ones(2),
        torch.tensor([[10.0, 0.0]]).repeat(2, 1),
    )
    warped = warp_images(images, shifted, torch.tensor([True, False]))
    assert warped[0, 0, 60, 3] == 0 and warped[0, 0, 60, 20] == pytest.approx(200, abs=1e-2)
    assert warped[1, 0, 60, 3] == pytest.approx(200, abs=1e-2)


def test_augment_is_repeatable_and_leaves_its_input_alone() -> None:
    faces = invented_faces(8)
    before = faces.images.clone(), faces.landmarks68_crop.clone()
    first, second = (
        augment(faces, faces.images, AugmentConfig(), MIRROR, draws(8, seed=3)) for _ in range(2)
    )
    assert torch.equal(first.images, second.images)
    assert torch.equal(faces.images, before[0])
    assert torch.equal(faces.landmarks68_crop, before[1])
    assert first.images.dtype == torch.float32
    assert first.images.min() >= 0 and first.images.max() <= 255


def test_a_face_is_augmented_alike_in_any_batch() -> None:
    faces, all_draws = invented_faces(24), draws(24)
    whole = augment(faces, faces.images.flip(0), AugmentConfig(), MIRROR, all_draws)
    some = torch.tensor([17, 2, 9, 23])
    part = augment(
        faces.select(some),
        faces.images.flip(0)[some],
        AugmentConfig(),
        MIRROR,
        all_draws.rows(some),
    )
    torch.testing.assert_close(part.images, whole.images[some], atol=1e-2, rtol=0)
    torch.testing.assert_close(part.landmarks68_crop, whole.landmarks68_crop[some])
