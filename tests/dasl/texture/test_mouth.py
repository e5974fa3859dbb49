"""Tests of the mouth on a photo: its opening, and teeth that hang as low as they show."""

import numpy as np
import pytest

from dasl.geometry.frames import image_from_model
from dasl.texture.mouth import Mouth, find_mouth, mouth_parts
from dasl.texture.photo import PosedHead
from dasl.texture.teeth import upper_teeth
from eval.meshes.rays import cast_along_z, pixel_grid
from tests.dasl.painted_head import SIDE, coefficients, head_model, paint

TOOTH, DARK, LIP = (232.0, 226.0, 210.0), (38.0, 20.0, 18.0), (190.0, 105.0, 100.0)
OPEN = {"jawOpen": 0.3, "mouthSmileLeft": 0.4, "mouthSmileRight": 0.4}


def smiling(inside: tuple[float, float, float], yaw_deg: float = 0.0) -> PosedHead:
    """An open mouth, all that is seen between the lips in one colour."""
    model = head_model()
    found = coefficients(yaw_deg, OPEN)
    vertices = image_from_model(model.vertices(found.identity, found.expression), found.pose)
    colours = paint()
    colours[model.region("lips")] = LIP
    triangles = model.triangles
    hits = cast_along_z(vertices[0], triangles, pixel_grid(SIDE, SIDE))
    corner = triangles[np.maximum(hits.triangle, 0)]
    photo = (colours[corner] * hits.barycentric[..., None]).sum(axis=1)
    photo[mouth_parts(model)[corner[:, 0]] & hits.hit] = inside
    photo = photo.round().astype(np.uint8).reshape(SIDE, SIDE, 3)
    return PosedHead(vertices[0], float(found.pose.scale[0]), photo)


def found_mouth(head: PosedHead) -> Mouth:
    mouth = find_mouth(head_model(), head)
    assert mouth is not None
    return mouth


def moved_down(mouth: Mouth) -> np.ndarray:
    """How much lower the edge of the upper teeth lies, metres."""
    return -mouth.teeth_offset[upper_teeth(head_model()), 1]


def test_teeth_that_fill_the_smile_come_down_to_the_lower_lip() -> None:
    mouth = found_mouth(smiling(TOOTH))
    assert mouth.is_open
    assert mouth.teeth > 0.9
    assert moved_down(mouth).max() > 0.003
    height = np.nanmax(mouth.bottom - mouth.top)
    assert height > 6  # cells of 0.7 mm: the opening is there to be filled


def test_only_teeth_move() -> None:
    mouth = found_mouth(smiling(TOOTH))
    assert not mouth.teeth_offset[~head_model().region("teeth")].any()


@pytest.mark.parametrize(("inside", "is_open"), [(DARK, True), (LIP, False)])
def test_a_mouth_that_shows_no_teeth_draws_them_back(
    inside: tuple[float, float, float], is_open: bool
) -> None:
    mouth = found_mouth(smiling(inside))
    assert mouth.is_open == is_open
    assert mouth.teeth == 0
    assert moved_down(mouth).min() == pytest.approx(-0.004, abs=1e-6)


def test_the_opening_is_found_where_the_photo_has_it() -> None:
    head = smiling(TOOTH)
    lower = PosedHead(head.vertices_image - np.array([0, 2, 0], np.float32), 1000.0, head.photo)
    mouth = found_mouth(lower)  # the photo's opening lies 2 px, 2 mm, below the fitted one
    middle = len(mouth.top) // 2
    assert mouth.top_shift[middle] == pytest.approx(2.0, abs=0.6)
    assert mouth.bottom_shift[middle] == pytest.approx(2.0, abs=0.6)
    offset = mouth.lip_offset(lower.vertices_image)
    lips = head_model().region("lips")
    assert np.quantile(offset[lips, 1], 0.9) == pytest.approx(2.0, abs=0.6)
    assert not offset[head_model().region("brows")].any()


def test_a_profile_has_no_mouth_to_look_into() -> None:
    assert find_mouth(head_model(), smiling(TOOTH, yaw_deg=85.0)) is None
