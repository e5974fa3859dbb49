"""Tests of the texture: a painted head is photographed and its paint is read back."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dasl.reconstruction.face import Face, faces_from_coefficients
from dasl.texture.layout import texture_layout
from dasl.texture.prior import surface_prior
from tests.dasl.painted_head import coefficients, head_model, paint, painted_face, photograph

SIZE = 512


def _truth() -> tuple[np.ndarray, np.ndarray]:
    """True colours of the covered texels, and the model's position of each: (N, 3) both."""
    layout = texture_layout(head_model(), SIZE)
    return layout.interpolation @ paint(), layout.interpolation @ head_model().mean_vertices


def _sampled(face: Face) -> np.ndarray:
    layout = texture_layout(head_model(), SIZE)
    texture = face.head.texture(SIZE, light="as-photo")
    return texture.reshape(-1, 3)[layout.texel].astype(np.float64)


def _of_region(name: str) -> np.ndarray:
    mask = head_model().region(name).astype(np.float64)
    return texture_layout(head_model(), SIZE).interpolation @ mask > 0.99


@pytest.mark.parametrize("yaw_deg", [0.0, 25.0, -25.0])
@pytest.mark.parametrize("region", ["nose", "mouth", "eyes", "brows"])
def test_the_paint_is_read_back(yaw_deg: float, region: str) -> None:
    truth, _ = _truth()
    trusted = texture_layout(head_model(), SIZE).interpolation @ surface_prior(head_model()).trust
    chosen = _of_region(region) & (trusted > 0.99)  # not the lids, which an open eye folds away
    error = np.abs(_sampled(painted_face(yaw_deg)) - truth).mean(axis=1)[chosen]
    assert error.mean() < 1.5
    assert np.quantile(error, 0.99) < 10


@pytest.mark.parametrize("region", ["nose", "mouth", "eyes", "brows"])
def test_evening_changes_a_face_in_flat_light_little(region: str) -> None:
    face, layout = _beside_white(painted_face(25.0)), texture_layout(head_model(), SIZE)
    evened = face.head.texture(SIZE).reshape(-1, 3)[layout.texel].astype(np.float64)
    assert np.abs(evened - _sampled(face))[_of_region(region)].mean() < 4


def _beside_white(face: Face) -> Face:
    """A well-exposed photo has bright places; the painted one is all of middle brightness."""
    pixels = face.patch.pixels.copy()
    x, y = (face.vertices[:, :2].min(axis=0) - face.patch.origin).astype(int)
    pixels[y : y + 30, x : x + 30] = 240  # beside the crown, within the head's box
    return replace(face, patch=replace(face.patch, pixels=pixels))


def test_the_hidden_half_of_a_profile_is_completed_from_the_other() -> None:
    truth, position = _truth()
    sampled = _sampled(painted_face(70.0))  # the nose points left: the left half is hidden
    hidden = _of_region("face") & (position[:, 0] < -0.02)
    assert np.abs(sampled - truth)[hidden].mean() < 5


@pytest.mark.parametrize("yaw_deg", [0.0, 40.0, 80.0])
def test_no_wall_comes_into_the_texture(yaw_deg: float) -> None:
    sampled = painted_face(yaw_deg).head.texture(SIZE).astype(int)
    greenness = sampled[..., 1] - sampled[..., [0, 2]].max(axis=2)
    assert greenness.max() < 25  # the wall's is 255, the paint's at most 10


def test_light_from_one_side_leaves_no_step_where_the_mirror_image_begins() -> None:
    found = coefficients(50.0)
    light = np.linspace(1.0, 0.6, 450)[None, :, None]
    photo = (photograph(found) * light).astype(np.uint8)
    face = faces_from_coefficients(head_model(), photo, found, np.zeros((1, 4)), [1.0])[0]
    texture = face.head.texture(SIZE).astype(np.float64)
    row = int((1 - 0.63) * SIZE)  # across both cheeks
    assert np.abs(np.diff(texture[row, 160:352], axis=0)).max() < 12


def test_mouth_and_teeth_keep_their_own_colours_whatever_the_photo() -> None:
    sampled = _sampled(painted_face(0.0, {"jawOpen": 1.0}))
    teeth, cavity = sampled[_of_region("teeth")], sampled[_of_region("inner_mouth")]
    assert np.median(teeth) > np.median(cavity)
    assert np.quantile(teeth.mean(axis=1), 0.8) > 130
    assert (teeth[:, 2] <= teeth[:, 0]).all()
    assert cavity[:, 0].max() < 160
    assert (cavity[:, 0] > cavity[:, 1]).all()


def test_a_face_half_outside_the_photo_is_completed() -> None:
    truth, position = _truth()
    whole = coefficients(0.0)
    photo = photograph(whole)[:, 225:]  # only the image's right half is left
    found = coefficients(0.0, centre_px=0.0)
    face = faces_from_coefficients(head_model(), photo, found, np.zeros((1, 4)), [1.0])[0]
    lost = _of_region("face") & (position[:, 0] < -0.01)
    assert np.abs(_sampled(face) - truth)[lost].mean() < 6
    error = np.abs(_sampled(face) - truth).mean(axis=1)[lost & _of_region("mouth")]
    assert error.mean() < 1.5


def test_a_head_wholly_outside_the_photo_gets_a_skin_and_no_error() -> None:
    found = coefficients(0.0, centre_px=5000.0)
    photo = np.zeros((100, 100, 3), np.uint8)
    face = faces_from_coefficients(head_model(), photo, found, np.zeros((1, 4)), [0.0])[0]
    skin = _sampled(face)[_of_region("face")]
    assert skin.std(axis=0).max() < 15
    assert skin.mean() > 100


def test_a_large_photo_is_sampled_as_a_small_one() -> None:
    small = coefficients(0.0)
    photo = np.kron(photograph(small), np.ones((8, 8, 1), np.uint8))
    pose = small.pose
    large = type(small)(
        type(pose)(pose.rotation, pose.scale * 8, pose.translation * 8 + 3.5),
        small.identity,
        small.expression,
    )
    box = np.zeros((1, 4))
    face = faces_from_coefficients(head_model(), photo, large, box, [1.0])[0]
    error = np.abs(_sampled(face) - _truth()[0])[_of_region("nose")]
    assert error.mean() < 1


def test_lids_that_close_show_nothing_of_the_open_eye() -> None:
    found = coefficients(0.0)
    photo = photograph(found)
    face = painted_face(0.0)
    eyes = face.landmarks[36:48, :2].reshape(2, 6, 2).mean(axis=1)
    for x, y in eyes.round().astype(int):
        cv2.circle(photo, (int(x), int(y)), 7, (20, 15, 10), -1)
    dark = faces_from_coefficients(head_model(), photo, found, np.zeros((1, 4)), [1.0])[0]
    rim = texture_layout(head_model(), SIZE).interpolation @ surface_prior(head_model()).lash
    lids = _sampled(dark)[(rim > 0.2) & (rim < 0.6)]
    assert lids.mean() > 60


def test_teeth_on_a_photo_do_not_come_onto_the_lips() -> None:
    found = coefficients(0.0)
    photo = photograph(found)
    mouth = painted_face(0.0).landmarks[60:68, :2]
    (x0, y0), (x1, y1) = mouth.min(axis=0).astype(int), mouth.max(axis=0).astype(int)
    photo[y0 - 3 : y1 + 4, x0:x1] = (245, 240, 232)
    face = faces_from_coefficients(head_model(), photo, found, np.zeros((1, 4)), [1.0])[0]
    lips = _sampled(face)[_of_region("lips")]
    is_tooth = (lips.min(axis=1) > 215) & (np.ptp(lips, axis=1) < 25)
    assert is_tooth.mean() < 0.05


def test_a_grey_photo_gives_a_grey_texture_mouth_and_eyes_included() -> None:
    found = coefficients(0.0, {"jawOpen": 0.5})
    grey = photograph(found).mean(axis=2, keepdims=True).astype(np.uint8)
    photo = np.repeat(grey, 3, axis=2)
    face = faces_from_coefficients(head_model(), photo, found, np.zeros((1, 4)), [1.0])[0]
    assert np.ptp(face.head.texture(SIZE).astype(int), axis=2).max() <= 2


def test_both_sides_of_a_seam_have_the_same_colour() -> None:
    model, texture = head_model(), painted_face(30.0).head.texture(1024).astype(np.float64)
    uv, vertex = model.uv, model.uv_vertex
    column = (uv[:, 0] * 1024).astype(int).clip(0, 1023)
    row = ((1 - uv[:, 1]) * 1024).astype(int).clip(0, 1023)
    colours = texture[row, column]
    first = np.full(len(model.mean_vertices), -1)
    first[vertex] = np.arange(len(vertex))
    around_eyes = (np.abs(model.mean_vertices[:, 1] - 0.037) < 0.02) & (
        model.mean_vertices[:, 2] > -0.03
    )
    skin = model.region("skin") & ~around_eyes  # lashes are lines
    doubled = (first[vertex] != np.arange(len(vertex))) & skin[vertex]
    step = np.abs(colours[doubled] - colours[first[vertex[doubled]]]).max(axis=1)
    assert doubled.sum() > 50
    assert np.quantile(step, 0.95) < 12


def test_a_texture_of_twice_the_side_shows_the_same() -> None:
    face = painted_face(20.0)
    small, large = (face.head.texture(side).astype(np.float64) for side in (SIZE, 2 * SIZE))
    halved = large.reshape(SIZE, 2, SIZE, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - small).mean() < 3
