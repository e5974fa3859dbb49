"""Pixels, points and what undoes their moves."""

from dataclasses import replace

import pytest
import torch

from dasl.geometry.similarity import Similarity, transform_points, warp_images
from dasl.training.augment.geometry import draw_similarity
from dasl.training.augment.keyed_random import epoch_draws, id_keys
from dasl.training.config import AugmentConfig


def drawn(count: int) -> Similarity:
    """As training draws them."""
    names = tuple(str(i) for i in range(count))
    return draw_similarity(AugmentConfig(), epoch_draws(id_keys(names), 0, 0))


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
    similarity = drawn(32)
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


def test_the_inverse_leads_back() -> None:
    similarity = replace(drawn(32), flip=torch.zeros(32, dtype=torch.bool))
    points = torch.rand(32, 5, 3) * 120
    moved = transform_points(points, similarity)
    back = transform_points(moved, similarity.inverse())
    assert (moved - points).abs().max() > 1.0
    torch.testing.assert_close(back, points, atol=1e-3, rtol=0)


def test_a_flip_has_no_inverse_of_this_form() -> None:
    with pytest.raises(ValueError, match="flip"):
        replace(drawn(2), flip=torch.ones(2, dtype=torch.bool)).inverse()


def test_the_identity_similarity_changes_nothing() -> None:
    images = torch.rand(2, 3, 120, 120) * 255
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
