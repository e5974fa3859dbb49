"""Tests of the face region as rays meet it."""

import dataclasses

import numpy as np
import pytest

from dasl.pictures import surface
from dasl.pictures.surface import dimmed, face_share, surface_map, surface_views
from dasl.reconstruction.face import Face
from tests.dasl.painted_head import head_model


def test_the_region_holds_the_landmarks_and_no_ear(face: Face) -> None:
    model = head_model()
    share = face_share(face)[: model.vertex_count]  # the undivided vertices come first
    vertices = model.landmarks68_vertices[17:]
    assert share[vertices].min() > 0.9
    assert share[model.region("ears")].max() < 0.01


def test_a_map_shows_vertices_at_their_own_pixels(face: Face) -> None:
    found = surface_map(face, (450, 450), face.vertices)
    seen = ~np.isnan(found[..., 0])
    row, column = np.nonzero(seen)
    # values are the vertices' own positions: x, y of what a pixel shows are the pixel's
    np.testing.assert_allclose(found[seen][:, 0], column, atol=0.01)
    np.testing.assert_allclose(found[seen][:, 1], row, atol=0.01)


def test_a_map_does_not_depend_on_how_many_rays_are_cast_at_once(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = surface_map(face, (450, 450), face.vertices)
    monkeypatch.setattr(surface, "_RAYS_AT_ONCE", 5000)
    np.testing.assert_allclose(surface_map(face, (450, 450), face.vertices), whole, atol=1e-3)


def test_the_next_picture_of_a_face_casts_no_rays_again(
    face: Face, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = dataclasses.replace(face)
    (first,) = surface_views(photo, [seen])
    monkeypatch.setattr(surface, "cast_along_z", None)
    (again,) = surface_views(photo, [seen])
    assert again.hits is first.hits and again.window == first.window
    monkeypatch.undo()
    smaller = dataclasses.replace(seen.pose, scale=seen.pose.scale / 2)
    (other,) = surface_views(photo, [dataclasses.replace(seen, pose=smaller)])
    assert other.window != first.window
    (part,) = surface_views(photo[:200], [seen])
    assert part.window != first.window and part.hits is not first.hits


def test_what_a_face_s_rays_hit_goes_with_the_face(face: Face, photo: np.ndarray) -> None:
    seen = dataclasses.replace(face)
    surface_views(photo, [seen])
    assert seen in surface._last_hits
    count = len(surface._last_hits)
    del seen
    assert len(surface._last_hits) == count - 1


def test_of_two_faces_in_one_place_the_larger_is_painted_last(
    face: Face, photo: np.ndarray
) -> None:
    small_pose = dataclasses.replace(face.pose, scale=face.pose.scale / 2)
    small = dataclasses.replace(face, pose=small_pose)
    assert [view.face for view in surface_views(photo, [face, small])] == [small, face]


def test_paint_covers_inside_and_leaves_the_rest(face: Face, photo: np.ndarray) -> None:
    (view,) = surface_views(photo, [face])
    picture = photo.copy()
    red = np.tile(np.array([255.0, 0.0, 0.0], np.float32), (*view.shape, 1))
    view.paint(picture, red, view.crisp_opacity)
    column, row = np.round(face.landmarks[30, :2]).astype(int)
    assert picture[row, column].tolist() == [255, 0, 0]
    is_wall = (photo == [0, 255, 0]).all(axis=2)
    assert (picture[is_wall] == [0, 255, 0]).all(axis=1).mean() > 0.998


def test_a_dimmed_photo_is_grey_and_dark() -> None:
    white = np.full((2, 3, 3), 255, np.uint8)
    assert dimmed(white).tolist() == [[[89] * 3] * 3] * 2  # 0.35 * 255
