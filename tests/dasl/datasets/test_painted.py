"""Painted heads: exact labels under coarse pictures."""

import pytest
import torch

from dasl.datasets.face_set import FaceSet
from dasl.datasets.painted import paint_face_set, painted_faces
from dasl.errors import ConfigError
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image


@pytest.fixture(scope="module")
def faces(head_model: MorphableModel) -> FaceSet:
    return paint_face_set(head_model, 6, seed=3)


def test_labels_are_where_the_coefficients_put_them(
    faces: FaceSet, head_model: MorphableModel
) -> None:
    points = landmarks68_image(head_model, faces.coefficients)
    torch.testing.assert_close(points, faces.landmarks68_crop, atol=1e-3, rtol=0)
    assert bool((faces.coefficient_weight == 1).all())


def test_a_head_follows_from_seed_and_index(faces: FaceSet, head_model: MorphableModel) -> None:
    fewer = painted_faces(head_model, "painted:9:3", limit=2)
    assert fewer.ids == ("painted-3-0", "painted-3-1")
    assert torch.equal(fewer.images, faces.images[:2])
    assert not torch.equal(paint_face_set(head_model, 1, seed=4).images, faces.images[:1])


def test_skin_is_painted_where_the_labels_say(faces: FaceSet) -> None:
    """A nose tip is skin, and skin is redder than blue."""
    seen = faces.visible21[:, 14].nonzero()[:, 0]
    assert len(seen) >= 3
    x, y = faces.landmarks21_crop[seen, 14].round().long().T
    red, _, blue = faces.images[seen, :, y, x].float().unbind(dim=1)
    assert bool((red > blue + 5).all())


def test_a_turned_head_hides_more_of_its_points(faces: FaceSet) -> None:
    turned = faces.yaw_deg.abs() > 45
    assert 0 < int(turned.sum()) < len(faces)
    seen = faces.visible21.float().mean(dim=1)
    assert seen[turned].mean() < seen[~turned].mean() - 0.1


@pytest.mark.parametrize("entry", ["painted:9", "painted:many:1", "painted:9:1:2"])
def test_an_entry_that_reads_otherwise_is_named(head_model: MorphableModel, entry: str) -> None:
    with pytest.raises(ConfigError, match=r"wanted painted:COUNT:SEED.*got '" + entry):
        painted_faces(head_model, entry)
    with pytest.raises(ConfigError, match="count 0"):
        painted_faces(head_model, "painted:0:1")
