"""The embedded head: names, numbers, landmarks and mirroring."""

import numpy as np
import pytest
import torch
from torch import Tensor

from dasl.head.landmarks import MIRROR_21, MIRROR_68
from dasl.head.morphable_model import MorphableModel
from eval.meshes.rays import cast_along_z
from tests.dasl.head_shapes import neutral, random_shapes
from tests.dasl.tensor_head import TensorHead

ARKIT_NAMES = """
browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff
cheekSquintLeft cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight
eyeLookInLeft eyeLookInRight eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight
eyeSquintLeft eyeSquintRight eyeWideLeft eyeWideRight jawForward jawLeft jawOpen jawRight
mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft
mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker mouthRight
mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft mouthSmileRight
mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft
noseSneerRight tongueOut
"""
REGIONS = ("brows", "ears", "eye_sockets", "eyeballs", "eyes", "face", "inner_mouth", "jaw")
REGIONS += ("lips", "mouth", "nose", "skin", "teeth", "tongue")
MIRROR_X = torch.tensor([-1.0, 1.0, 1.0])


@pytest.fixture(scope="module")
def head_model() -> TensorHead:
    """The embedded head model."""
    return TensorHead(MorphableModel.load())


def test_expressions_are_the_52_arkit_names_the_tongue_last(
    head_model: TensorHead,
) -> None:
    assert list(head_model.expression_names) == ARKIT_NAMES.split()
    assert head_model.expression_count == 52


def test_there_are_150_identities_and_a_few_are_asymmetric(
    head_model: TensorHead,
) -> None:
    assert head_model.identity_count == 150
    assert set(head_model.identity_mirror_sign.tolist()) == {1.0, -1.0}
    assert (head_model.identity_mirror_sign > 0).sum() > 3 * (
        head_model.identity_mirror_sign < 0
    ).sum()


@pytest.mark.parametrize("name", REGIONS)
def test_every_named_region_is_there_and_left_right_symmetric(
    head_model: TensorHead, name: str
) -> None:
    mask = head_model.region(name)
    assert mask.shape == (head_model.vertex_count,)
    assert mask.dtype == torch.bool
    assert 50 < int(mask.sum()) < head_model.vertex_count
    if name != "skin":
        assert torch.equal(mask, mask[head_model.mirror_vertex])


def test_parts_of_the_head_lie_where_an_anatomist_expects_them(head_model: TensorHead) -> None:
    height = {
        name: float(head_model.mean_vertices[head_model.region(name), 1].mean()) for name in REGIONS
    }
    assert height["jaw"] < height["mouth"] < height["nose"] < height["eyes"] < height["brows"]
    depth = {
        name: float(head_model.mean_vertices[head_model.region(name), 2].mean()) for name in REGIONS
    }
    assert depth["tongue"] < depth["teeth"] < depth["lips"] < depth["nose"]
    assert depth["ears"] < depth["eyes"]
    assert depth["eyeballs"] < depth["eyes"]


def test_the_face_is_of_human_size_in_metres(head_model: TensorHead) -> None:
    points = head_model.landmarks68(*neutral(head_model))[0]
    outer_eye_corners = float((points[45] - points[36]).norm())
    assert 0.075 < outer_eye_corners < 0.105
    nasion_to_chin = float((points[27] - points[8]).norm())
    assert 0.09 < nasion_to_chin < 0.135


def test_pupils_are_as_far_apart_as_adults_have_them(head_model: TensorHead) -> None:
    eyeballs = head_model.mean_vertices[head_model.region("eyeballs")]
    assert 0.062 < float(2 * eyeballs[:, 0].abs().mean()) < 0.063


def test_the_reference_head_is_smaller_and_has_the_same_parts(head_model: TensorHead) -> None:
    mean, reference = head_model.mean_vertices, head_model.reference_vertices
    face = head_model.region("face")
    growth = float(mean[face].std(dim=0).norm() / reference[face].std(dim=0).norm())
    assert 1.08 < growth < 1.11
    assert float((mean[face] / growth - reference[face]).norm(dim=1).mean()) < 0.005


def test_people_differ_by_2_to_4_mm_on_the_face(head_model: TensorHead) -> None:
    spread = head_model.identity_basis.square().sum(dim=(0, 2)).sqrt()
    assert 0.002 < float(spread[head_model.region("face")].mean()) < 0.004
    skull = (head_model.mean_vertices[:, 1] > 0.1) & head_model.region("skin")
    assert float(spread[skull].mean()) < 0.0085


def _seen_eyeball(head_model: TensorHead, vertices: Tensor, box: Tensor) -> float:
    """Share of the eyeball in what is seen from ahead where the left eye is open on `box`."""
    points = 1000 * head_model.landmarks68_of(box)[42:48].numpy()
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    grid = np.stack(np.meshgrid(*np.linspace(low, high, 40).T), axis=-1).reshape(-1, 2)
    triangles = head_model.triangles.numpy()
    seen = cast_along_z(1000 * vertices.numpy(), triangles, grid).triangle
    return float(head_model.region("eyeballs").numpy()[triangles].all(axis=1)[seen].mean())


def test_eyes_show_where_they_are_open_and_not_through_shut_lids(
    head_model: TensorHead,
) -> None:
    opened = head_model.vertices(*neutral(head_model))[0]
    shut = head_model.vertices(*neutral(head_model, eyeBlinkLeft=1.0))[0]
    assert _seen_eyeball(head_model, opened, opened) > 0.5
    assert _seen_eyeball(head_model, shut, opened) == 0


def test_lids_of_other_people_close_too(head_model: TensorHead) -> None:
    """Of a lid that a person's own eye bulges through, little may show, and seldom."""
    identity, _ = random_shapes(head_model, 30)
    blink = neutral(head_model, eyeBlinkLeft=1.0)[1].expand(30, -1)
    pairs = zip(
        head_model.vertices(identity, 0 * blink),
        head_model.vertices(identity, blink),
        strict=True,
    )
    shown = np.array([_seen_eyeball(head_model, shut, opened) for opened, shut in pairs])
    assert (shown > 0.02).mean() < 0.1
    assert shown.max() < 0.3


def test_mirror_vertex_is_its_own_inverse_and_mirrors_the_mean(head_model: TensorHead) -> None:
    mirror = head_model.mirror_vertex
    assert torch.equal(mirror[mirror], torch.arange(head_model.vertex_count))
    torch.testing.assert_close(
        head_model.mean_vertices[mirror] * MIRROR_X, head_model.mean_vertices
    )


def test_a_mirrored_identity_gives_the_mirrored_head(head_model: TensorHead) -> None:
    identity, _ = random_shapes(head_model, 3)
    neutral = torch.zeros(3, 52)
    mirrored = head_model.vertices(head_model.identity_mirror_sign * identity, neutral)
    wanted = head_model.vertices(identity, neutral)[:, head_model.mirror_vertex] * MIRROR_X
    torch.testing.assert_close(mirrored, wanted, rtol=0, atol=1e-6)


def test_a_mirrored_expression_gives_the_mirrored_head(head_model: TensorHead) -> None:
    expression = torch.eye(52)
    mean = torch.zeros(52, head_model.identity_count)
    mirrored = head_model.vertices(mean, expression[:, head_model.mirror_expression])
    wanted = head_model.vertices(mean, expression)[:, head_model.mirror_vertex] * MIRROR_X
    torch.testing.assert_close(mirrored, wanted, rtol=0, atol=1e-5)  # float16 rounding of 40 mm


def _corner_sets(triangles: Tensor) -> set[tuple[int, ...]]:
    return {tuple(row) for row in triangles.sort(dim=1).values.tolist()}


@pytest.mark.parametrize(("name", "between_lips"), [("landmarks68", ()), ("landmarks21", (18,))])
def test_landmarks_lie_on_the_surface(
    head_model: TensorHead, name: str, between_lips: tuple[int, ...]
) -> None:
    weights = getattr(head_model, f"{name}_weights")
    assert float(weights.min()) >= 0
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(len(weights)))
    known = _corner_sets(head_model.triangles)
    corners = getattr(head_model, f"{name}_vertices").sort(dim=1).values.tolist()
    off = [row for row, triple in enumerate(corners) if tuple(triple) not in known]
    assert tuple(off) == between_lips


def test_all_68_landmarks_lie_on_skin(head_model: TensorHead) -> None:
    on_skin = (head_model.region("skin") | head_model.region("inner_mouth"))[
        head_model.landmarks68_vertices
    ]
    assert on_skin.all()


@pytest.mark.parametrize(
    ("name", "mirror"), [("landmarks68", MIRROR_68), ("landmarks21", MIRROR_21)]
)
def test_left_and_right_landmarks_mirror_each_other(
    head_model: TensorHead, name: str, mirror: tuple[int, ...]
) -> None:
    # The mesh's quads are split along one diagonal, not symmetrically: half a millimetre.
    points = getattr(head_model, name)(*neutral(head_model))[0]
    distance = (points[list(mirror)] * MIRROR_X - points).norm(dim=1)
    assert float(distance.max()) < 0.8e-3


def test_landmarks_are_in_ibug_order_seen_by_a_viewer(head_model: TensorHead) -> None:
    points = head_model.landmarks68(*neutral(head_model))[0]
    x, y, z = points.unbind(dim=1)
    assert x[0] < x[36] < x[39] < 0 < x[42] < x[45] < x[16]
    assert (x[0:17].diff() > 0).all()
    assert (x[17:27].diff() > 0).all()
    assert (y[27:31].diff() < 0).all()
    assert int(y.argmin()) == 8
    assert int(z.argmax()) == 30
    assert (y[37:39] > y[40:42].flip(0)).all()
    assert y[51] > y[62] >= y[66] > y[57]


def test_both_sets_of_landmarks_agree_where_they_name_the_same_point(
    head_model: TensorHead,
) -> None:
    points68 = head_model.landmarks68(*neutral(head_model))[0]
    points21 = head_model.landmarks21(*neutral(head_model))[0]
    same = {8: 39, 9: 42, 14: 30, 17: 48, 19: 54}
    distance = (points21[list(same)] - points68[list(same.values())]).norm(dim=1)
    assert float(distance.max()) < 4e-3


def test_an_open_jaw_parts_the_inner_lips_by_at_least_15_mm(head_model: TensorHead) -> None:
    points = head_model.landmarks68(*neutral(head_model, jawOpen=1.0))[0]
    assert float((points[62] - points[66]).norm()) >= 0.015
    assert points[66, 1] < points[62, 1]
    closed = head_model.landmarks68(*neutral(head_model))[0]
    assert float((closed[62] - closed[66]).norm()) < 0.004


def test_an_open_jaw_shows_teeth(head_model: TensorHead) -> None:
    vertices = 1000 * head_model.vertices(*neutral(head_model, jawOpen=1.0))[0].numpy()
    points = 1000 * head_model.landmarks68(*neutral(head_model, jawOpen=1.0))[0].numpy()
    low, high = points[60:68, :2].min(axis=0), points[60:68, :2].max(axis=0)
    grid = np.stack(np.meshgrid(*np.linspace(low, high, 60).T), axis=-1).reshape(-1, 2)
    triangles = head_model.triangles.numpy()
    seen = cast_along_z(vertices, triangles, grid).triangle
    teeth = head_model.region("teeth").numpy()[triangles].all(axis=1)
    assert teeth[seen].mean() > 0.05


def test_blinking_closes_the_eye_on_its_own_side(head_model: TensorHead) -> None:
    def openings(**expressions: float) -> tuple[float, float]:
        y = head_model.landmarks68(*neutral(head_model, **expressions))[0, :, 1]
        right_eye = y[37:39].mean() - y[40:42].mean()
        left_eye = y[43:45].mean() - y[46:48].mean()
        return float(right_eye), float(left_eye)

    right, left = openings()
    shut_right, still_left = openings(eyeBlinkRight=1.0)
    assert shut_right < 0.3 * right
    assert still_left == pytest.approx(left, abs=1e-4)
