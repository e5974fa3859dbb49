"""Tests of the hair's mesh and texture on a photo whose hair is known."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dasl.export.hair import surroundings
from dasl.export.hair.hair import Hair, make_hair
from dasl.export.options import HeadOptions
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.reconstruction.face import Face
from tests.dasl.export.hair.haired_head import (
    HAIR_RGB,
    SKIN_RGB,
    STANDS_OFF_M,
    bald_head,
    face_with_hair,
)

HAIR = HeadOptions(hair=True, neutral=True, texture_size=64)


@pytest.fixture
def face(monkeypatch) -> Face:
    return face_with_hair(monkeypatch)


def test_hair_stands_off_the_head_as_far_as_on_the_photo(face: Face) -> None:
    hair, head = face.head.chosen_hair(HAIR), face.head.shaped_mesh(HAIR)
    hair_mesh = face.head.shaped_hair(hair, HAIR)
    above = hair_mesh.vertices[:, 1].max() - head.vertices[:, 1].max()
    assert above == pytest.approx(STANDS_OFF_M, abs=0.008)
    beside = [(part.vertices[part.vertices[:, 1] > 0.06, 0]).max() for part in (hair_mesh, head)]
    assert beside[0] - beside[1] == pytest.approx(STANDS_OFF_M, abs=0.012)


def test_hair_has_no_spike_and_leaves_the_face_free(face: Face) -> None:
    mesh = face.head.shaped_hair(face.head.chosen_hair(HAIR), HAIR)
    corners = mesh.vertices[mesh.triangles]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    assert sides.max() < 0.045
    skin = face.head.shaped_mesh(HAIR).vertices
    nose = skin[skin[:, 2].argmax()]
    near = np.hypot(*(mesh.vertices[:, :2] - nose[:2]).T) < 0.035
    assert (mesh.vertices[near, 2] < nose[2] - 0.03).all()


def test_hair_is_closed_but_for_where_it_is_under_the_skin(face: Face) -> None:
    mesh = face.head.shaped_hair(face.head.chosen_hair(HAIR), HAIR)
    _, same = np.unique(mesh.vertices.round(6), axis=0, return_inverse=True)
    edges = np.sort(
        same[np.stack([mesh.triangles, np.roll(mesh.triangles, 1, axis=1)], -1)], axis=-1
    )
    edges, uses = np.unique(edges.reshape(-1, 2), axis=0, return_counts=True)
    assert uses.max() <= 2
    hair = face.head.hair
    open_ends = np.unique(edges[uses == 1])
    is_open = np.isin(same, open_ends)
    assert is_open.any()
    assert (hair.follows[is_open] == 1.0).all()  # no thickness there


def test_the_texture_is_the_hairs_colour_also_at_the_back(face: Face) -> None:
    texture = face.head.hair.texture(512).astype(float)
    assert texture.shape == (128, 256, 3)
    used = texture[:70, [0, 64, 128, 192, 255]]
    assert np.abs(np.median(used, axis=(0, 1)) - HAIR_RGB).max() < 12
    assert np.abs(np.median(used[:, 0], axis=0) - HAIR_RGB).max() < 20  # never seen


def test_an_expression_takes_along_hair_that_lies_on_what_moves(monkeypatch) -> None:
    face = face_with_hair(monkeypatch, {"browInnerUp": 1.0})
    hair = face.head.hair
    basis = face.model.expression_basis
    moves = hair.displacements(basis)
    row = face.model.expression_names.index("browInnerUp")
    skin = np.linalg.norm(basis[row][hair.moves_with], axis=1)
    ours = np.linalg.norm(moves[row], axis=1)
    ends = (hair.follows == 1.0) & (skin > 1e-3)
    np.testing.assert_allclose(ours[ends], skin[ends], rtol=1e-5)
    assert ours.max() <= skin.max() * 1.0001
    rest, shown = (face.head.shaped_hair(hair, HeadOptions(hair=True, neutral=n)) for n in (1, 0))
    np.testing.assert_allclose(shown.vertices - rest.vertices, moves[row], atol=1e-6)


def without_hair(face: Face) -> np.ndarray:
    """The person as a network would find it that saw no hair beyond the head."""
    bare = np.isfinite(face.head.hair.on_photo.labels.depth)
    height, width = face.around.pixels.shape[:2]
    return cv2.resize(bare.astype(np.float32), (width, height))


def found_with(monkeypatch, face: Face, share: np.ndarray, photo: np.ndarray) -> Hair | None:
    """The hair on a photo of which the network says `share`."""
    monkeypatch.setattr(surroundings, "person_share", lambda pixels: share)
    around = replace(face.around, pixels=photo)
    return make_hair(face.model, face.head.coefficients, around)


def test_a_head_without_outline_beyond_its_own_is_bald(face: Face, monkeypatch) -> None:
    assert found_with(monkeypatch, face, without_hair(face), face.around.pixels) is None


def test_hair_that_the_outline_left_out_is_found_by_its_colours(monkeypatch) -> None:
    face = face_with_hair(monkeypatch, stands_off_m=0.06)
    whole, photo = surroundings.person_share(face.around.pixels), face.around.pixels
    half = np.where(np.arange(whole.shape[1]) < 0.5 * whole.shape[1], whole, without_hair(face))
    found = found_with(monkeypatch, face, half, photo)
    widths = [np.ptp(hair.mesh.vertices[:, 0]) for hair in (found, face.head.hair)]
    assert widths[0] == pytest.approx(widths[1], abs=0.006)


def test_hair_is_not_made_from_a_bad_outline(monkeypatch) -> None:
    """Nor is an outline completed on a background of the hair's colours."""
    face = face_with_hair(monkeypatch, stands_off_m=0.06)
    whole, photo = surroundings.person_share(face.around.pixels), face.around.pixels
    half = np.where(np.arange(whole.shape[1]) < 0.5 * whole.shape[1], whole, without_hair(face))
    alike = photo.copy()
    alike[whole == 0] = HAIR_RGB
    assert found_with(monkeypatch, face, half, alike) is None
    assert found_with(monkeypatch, face, whole * 0.0, photo) is None


def test_hair_is_not_made_from_a_head_tilted_far_back(face: Face, monkeypatch) -> None:
    found = face.head.coefficients
    back = rotation_from_euler_deg(np.array([[0.0, 30.0, 0.0]], dtype=np.float32))
    tilted = replace(found, pose=replace(found.pose, rotation=back))
    monkeypatch.setattr(surroundings, "person_share", lambda photo: pytest.fail("too late"))
    assert make_hair(face.model, tilted, replace(face.around)) is None


def test_skin_beside_the_head_is_no_hair(face: Face) -> None:
    """As of a hand at the ear."""
    place = np.array([0.095, 0.04, -0.08])
    hand = face.around.pixels.copy()
    centre, _ = face.around.camera(face.head.coefficients.pose).project(place)
    radius = round(0.03 * face.pose.scale / face.around.stride)
    cv2.circle(hand, np.rint(centre).astype(int).tolist(), radius, SKIN_RGB, -1)
    held = replace(face, around=replace(face.around, pixels=hand))
    for shown, is_hair in ((face, True), (held, False)):
        on_photo = shown.head.hair.on_photo
        x, y = np.rint(on_photo.small.project(place)[0]).astype(int)
        assert on_photo.labels.person[y, x]
        assert on_photo.labels.hair[y, x] == is_hair


def test_there_is_no_hair_unless_asked_for_nor_on_a_face_alone(face: Face) -> None:
    assert face.head.chosen_hair(HeadOptions()) is None
    assert face.head.chosen_hair(HeadOptions(part="face", hair=True)) is None
    assert bald_head(face).chosen_hair(HAIR) is None


def test_hair_on_a_dark_photo_is_lifted_as_the_head_is(face: Face) -> None:
    dark = replace(
        face,
        patch=replace(face.patch, pixels=face.patch.pixels // 3),
        around=replace(face.around, pixels=face.around.pixels // 3),
    ).head
    textures = [
        (dark.texture(64, light), dark.hair_texture(dark.hair, replace(HAIR, light=light)))
        for light in ("as-photo", "evened")
    ]
    (head, hair), (lifted_head, lifted_hair) = textures
    assert lifted_hair.mean() > 1.5 * hair.mean()
    for channel in range(3):
        curve = np.full(256, -1)
        curve[head[..., channel]] = lifted_head[..., channel]
        found = curve[hair[..., channel]]
        common = found >= 0
        assert common.any()
        np.testing.assert_array_equal(lifted_hair[..., channel][common], found[common])


def test_size_and_alignment_are_those_of_the_head(face: Face) -> None:
    hair, plain = face.head.hair, face.head.shaped_hair(face.head.hair, HAIR)
    large = face.head.shaped_hair(hair, HeadOptions(hair=True, neutral=True, ipd_mm=90.0))
    factor = face.head.size_factor(90.0)
    np.testing.assert_allclose(large.vertices, plain.vertices * factor, atol=1e-6)
    turned = face.head.shaped_hair(hair, HeadOptions(hair=True, neutral=True, align="camera"))
    np.testing.assert_allclose(turned.vertices, plain.vertices @ face.pose.rotation.T, atol=1e-6)
