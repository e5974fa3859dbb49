"""Tests of light from one side: both sides of the head come out alike."""

import numpy as np

from dasl.head.mesh import vertex_normals
from dasl.texture.fill import Known
from dasl.texture.layout import texture_layout
from dasl.texture.side_light import in_even_light, side_gains
from dasl.texture.skin_areas import plain_skin
from tests.dasl.painted_head import head_model, paint

MIRROR = head_model().mirror_vertex
SIDE = vertex_normals(head_model().reference_vertices, head_model().triangles)[:, :1]
LIT = (paint() * np.exp(np.array([0.3, 0.2, 0.1]) * SIDE)).astype(np.float32)
ALL = np.ones((len(LIT), 1), np.float32)


def difference(colours: np.ndarray) -> float:
    """Mean absolute difference of the skin from its mirror image."""
    return float(np.abs(colours - colours[MIRROR])[plain_skin(head_model())].mean())


def test_light_from_a_side_is_halved() -> None:
    gains = side_gains(head_model(), Known(LIT, ALL), LIT, ALL)
    assert difference(LIT * gains) < 0.55 * difference(LIT)
    assert np.abs(np.log(gains * gains[MIRROR])).max() < 0.03  # the face is as bright as before


def test_even_light_stays() -> None:
    gains = side_gains(head_model(), Known(paint().astype(np.float32), ALL), LIT, ALL)
    assert np.abs(gains - 1.0).max() < 0.02


def test_a_mark_on_one_cheek_stays() -> None:
    marked = paint().astype(np.float32)
    cheek = head_model().reference_vertices[plain_skin(head_model())][:, 0].argmax()
    marked[np.flatnonzero(plain_skin(head_model()))[cheek]] *= 0.4
    gains = side_gains(head_model(), Known(marked, ALL), marked, ALL)
    assert np.abs(gains - 1.0).max() < 0.02


def test_a_side_filled_from_the_other_is_not_brightened_twice() -> None:
    # the photo shows the dark side only in front; behind lies the bright side's mirror image
    behind = (SIDE[:, 0] < -0.6)[:, None]
    colours = np.where(behind, LIT[MIRROR], LIT)
    shown = np.where(behind, 0.0, 1.0).astype(np.float32)
    gains = side_gains(head_model(), Known(colours, ALL), colours, shown)
    skin = behind[:, 0] & plain_skin(head_model())
    assert skin.sum() > 20
    assert gains[skin].mean() < 1.0
    assert gains[skin].max() < 1.03


def test_an_unseen_face_is_left_alone() -> None:
    gains = side_gains(head_model(), Known(LIT, 0.0 * ALL), LIT, 0.0 * ALL)
    assert (gains == 1.0).all()


def test_the_factors_reach_the_texture() -> None:
    layout = texture_layout(head_model(), 256)
    texture = np.full((256, 256, 3), 100, np.uint8)
    gains = np.exp(np.repeat(0.3 * SIDE, 3, axis=1)).astype(np.float32)
    even = in_even_light(head_model(), texture, gains).reshape(-1, 3)[layout.texel]
    face = layout.interpolation @ plain_skin(head_model()).astype(float) > 0.99
    wanted = 100.0 * (layout.interpolation @ gains)
    assert np.abs(even - wanted)[face].mean() < 1.5
