"""The network that sees covers: its computation, what it looks at, what it learns."""

import dataclasses

import numpy as np
import pytest
import torch

from dasl.errors import ShapeError
from dasl.network.cover_fit import _Layers, fit_cover_network
from dasl.network.cover_network import CONTRAST, GREY, SIDE, upright_faces

Batch = tuple[np.ndarray, np.ndarray]


def random_faces(count: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (count, 3, SIDE, SIDE)).astype(np.float32)


def test_numpy_computes_what_torch_learned():
    torch.manual_seed(0)
    layers = _Layers().eval()
    faces = random_faces(3)
    with torch.no_grad():
        wanted = layers((torch.from_numpy(faces) - GREY) / CONTRAST).sigmoid().numpy()
    np.testing.assert_allclose(layers.network()(faces), wanted, atol=1e-5)


def test_other_sizes_are_refused():
    network = _Layers().network()
    with pytest.raises(ShapeError, match="faces"):
        network(np.zeros((1, 3, 64, 64)))
    with pytest.raises(ShapeError, match="kernel2"):
        dataclasses.replace(network, kernel2=network.kernel2[:, :5])
    with pytest.raises(ShapeError, match="hidden"):
        dataclasses.replace(network, hidden=network.hidden[:-1])


def test_a_face_is_seen_upright_and_as_large_as_the_picture():
    """A crop with a bright spot at the chin, lying on its side: the spot is below the middle."""
    landmarks = np.zeros((1, 68, 2), np.float32)
    landmarks[0, :17] = np.stack([np.full(17, 20.0), np.linspace(30, 90, 17)], axis=1)  # jaw, left
    landmarks[0, 17:] = np.stack([np.full(51, 80.0), np.linspace(30, 90, 51)], axis=1)
    images = np.zeros((1, 3, 120, 120), np.float32)
    images[0, :, 56:64, 18:26] = 255.0
    lying = np.array([np.pi / 2], np.float32)  # the head's top points to the right
    seen = upright_faces(images, landmarks, lying)[0, 0]
    y, x = np.unravel_index(seen.argmax(), seen.shape)
    assert abs(x - (SIDE - 1) / 2) < 3 and y > 0.75 * SIDE


def batches(count: int, random: np.random.Generator) -> "list[Batch]":
    """Noise with a black bar over the eyes, the mouth, both or none; a third is unknown."""
    made = []
    for _ in range(count):
        faces = random.uniform(60, 255, (32, 3, SIDE, SIDE)).astype(np.float32)
        covered = random.integers(0, 2, (32, 2)).astype(np.float32)
        faces[covered[:, 0] == 1, :, 12:24] = 20.0
        faces[covered[:, 1] == 1, :, 40:52] = 20.0
        unknown = np.where(random.random((32, 2)) < 1 / 3, np.nan, covered)
        made.append((faces, unknown.astype(np.float32)))
    return made


def test_covers_are_learned_where_they_are_known_and_the_same_seed_gives_the_same_network():
    random = np.random.default_rng(0)
    drawn = batches(60, random)
    network = fit_cover_network(drawn, len(drawn))
    faces, covered = batches(1, random)[0]
    known = ~np.isnan(covered)
    right = ((network(faces) > 0.5) == (covered == 1.0))[known]
    assert right.mean() > 0.95
    np.testing.assert_array_equal(fit_cover_network(drawn, len(drawn)).kernel1, network.kernel1)
