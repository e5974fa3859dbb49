"""Tests of the textured head: its mesh, its texture, the part of the photo that it keeps."""

import dataclasses

import numpy as np
import pytest

from dasl.errors import ConfigError
from dasl.export.options import HeadOptions
from dasl.export.textured_head import TexturedHead, photo_patch
from dasl.head.projection import vertices_image
from dasl.reconstruction.face import faces_from_coefficients
from tests.dasl.painted_head import coefficients, head_model, painted_face, photograph

WEIGHTS = {"jawOpen": 0.3}


@pytest.fixture(scope="module")
def head() -> TexturedHead:
    return painted_face(20.0, WEIGHTS).head


def test_it_is_made_of_coefficients_and_a_photo_alone(head: TexturedHead) -> None:
    of_face = coefficients(20.0, WEIGHTS)
    patch = photo_patch(photograph(of_face), vertices_image(head_model(), of_face)[0])
    alone = TexturedHead(head_model(), of_face, patch)
    np.testing.assert_array_equal(alone.texture(64), head.texture(64))
    fine = HeadOptions(subdivisions=1, align="camera")
    np.testing.assert_array_equal(alone.shaped_mesh(fine).vertices, head.shaped_mesh(fine).vertices)
    assert alone.expression == head.expression


def test_a_face_with_other_numbers_has_another_head(head: TexturedHead) -> None:
    face = painted_face(20.0, WEIGHTS)
    calm = dataclasses.replace(face, expression=dict.fromkeys(face.expression, 0.0))
    others = ~head.model.region("teeth")  # teeth hang as low as each mouth shows them
    np.testing.assert_array_equal(
        calm.head.vertices_model()[others],
        head.vertices_model(neutral=True)[others],
    )
    assert calm.head.expression["jawOpen"] == 0.0


def test_neutral_wins_over_a_chosen_expression(head: TexturedHead) -> None:
    assert not head.weights(HeadOptions(neutral=True, expression={"jawOpen": 1.0})).any()
    assert head.weights(HeadOptions(expression={"jawOpen": 1.0})).sum() == 1.0


def test_an_expression_that_the_head_lacks_is_refused_with_those_it_has(head: TexturedHead) -> None:
    with pytest.raises(ConfigError, match=r"no expression is called 'smile'.*jawOpen"):
        head.weights(HeadOptions(expression={"smile": 1.0}))


def test_a_texture_is_made_once_for_each_size(head: TexturedHead) -> None:
    assert head.texture(64) is head.texture(64)
    assert head.texture(64).shape == (64, 64, 3)
    assert head.texture(128).shape == (128, 128, 3)


def test_the_photo_patch_is_a_copy_that_the_caller_cannot_change() -> None:
    found = coefficients()
    photo = photograph(found)
    face = faces_from_coefficients(head_model(), photo, found, np.zeros((1, 4)), [1.0])[0]
    before = face.patch.pixels.copy()
    photo[:] = 0
    np.testing.assert_array_equal(face.patch.pixels, before)
    assert face.patch.pixels.shape[1] < photo.shape[1]


def test_a_patch_beyond_the_photo_still_has_a_pixel() -> None:
    photo = np.zeros((20, 30, 3), np.uint8)
    for place in (-500.0, 500.0):
        patch = photo_patch(photo, np.full((4, 3), place, np.float32))
        assert min(patch.pixels.shape) >= 1
