import json
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from dasl.datasets.face_set import FaceSet, load_face_set
from dasl.datasets.rendered.draws import CROP_JITTER, draw_expression, draw_head
from dasl.datasets.rendered.faces import render_face_set
from dasl.datasets.rendered.shading import GBuffer, Lamp, Lighting, shade, sky_view
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.crop import LANDMARK_MARGIN
from dasl.geometry.rotation import euler_deg_from_rotation, rotation_from_euler_deg
from dasl.head.mirror import mirrored
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image
from tools import evaluate_rendered, render_heads

pytestmark = pytest.mark.long

COUNT, SEED = 14, 3
OUTER_EYE_CORNER_LEFT, OUTER_EYE_CORNER_RIGHT = 6, 11  # on the image's left and right
NOSE_TIP = 14


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return MorphableModel.load()


@pytest.fixture(scope="module")
def faces(model: MorphableModel) -> FaceSet:
    return render_face_set(model, COUNT, SEED)


def test_a_head_follows_from_seed_and_index_alone(model: MorphableModel, faces: FaceSet) -> None:
    fewer = render_face_set(model, 2, SEED)
    assert fewer.ids == faces.ids[:2] == ("rendered-3-0", "rendered-3-1")
    assert torch.equal(fewer.images, faces.images[:2])
    identity = faces.coefficients.identity
    assert torch.equal(fewer.coefficients.identity, identity[:2])
    other = render_face_set(model, 1, SEED + 1).coefficients.identity
    assert not torch.equal(other, identity[:1])


def test_shots_of_one_person_share_identity_alone(model: MorphableModel) -> None:
    shots = render_face_set(model, 4, SEED, shots=2)
    identity, rotation = shots.coefficients.identity, shots.coefficients.pose.rotation
    assert torch.equal(identity[0], identity[1])
    assert torch.equal(identity[2], identity[3])
    assert not torch.equal(identity[0], identity[2])
    assert not torch.equal(rotation[0], rotation[1])
    assert not torch.equal(shots.images[0], shots.images[1])


def test_landmarks_are_the_projection_of_the_coefficients(
    model: MorphableModel, faces: FaceSet
) -> None:
    expected68 = landmarks68_image(model, faces.coefficients)
    expected21 = landmarks21_image(model, faces.coefficients)[..., :2]
    torch.testing.assert_close(faces.landmarks68_crop, expected68, atol=1e-3, rtol=0)
    torch.testing.assert_close(faces.landmarks21_crop, expected21, atol=1e-3, rtol=0)
    angles = euler_deg_from_rotation(faces.coefficients.pose.rotation.double())
    torch.testing.assert_close(angles[:, 0], faces.yaw_deg.double(), atol=1e-2, rtol=0)
    assert faces.coefficient_weight.tolist() == [1.0] * COUNT


def test_the_crop_follows_the_convention_within_its_jitter(faces: FaceSet) -> None:
    planar = faces.landmarks68_crop[..., :2]
    low, high = planar.amin(dim=1), planar.amax(dim=1)
    side = LANDMARK_MARGIN * (high - low).amax(dim=1)
    assert ((120 / side - 1).abs() <= CROP_JITTER + 1e-4).all()
    assert (((low + high) / 2 - 59.5).abs() <= 120 * CROP_JITTER + 1e-2).all()


def test_the_far_side_of_a_turned_head_is_hidden(faces: FaceSet) -> None:
    towards_left = faces.yaw_deg > 50
    towards_right = faces.yaw_deg < -50
    assert towards_left.any() and towards_right.any(), "choose another seed"
    assert not faces.visible21[towards_left][:, OUTER_EYE_CORNER_LEFT].any()
    assert not faces.visible21[towards_right][:, OUTER_EYE_CORNER_RIGHT].any()
    assert faces.visible21[towards_left][:, OUTER_EYE_CORNER_RIGHT].all()
    assert faces.visible21[towards_right][:, OUTER_EYE_CORNER_LEFT].all()
    assert faces.visible21[:, NOSE_TIP].all()


def test_pictures_use_the_range_of_a_photo(faces: FaceSet) -> None:
    pixels = faces.images.float().flatten(1)
    assert faces.images.dtype == torch.uint8
    assert (pixels.std(dim=1) > 12).all(), "a picture is flat"
    assert (pixels.mean(dim=1) > 10).all() and (pixels.mean(dim=1) < 245).all()


def test_yaw_is_spread_like_faces_in_the_wild(model: MorphableModel) -> None:
    random = np.random.default_rng(0)
    draws = [draw_head(random, 1, model.expression_names) for _ in range(1000)]
    yaw = np.abs([draw.yaw_deg for draw in draws])
    assert np.mean(yaw < 30) == pytest.approx(0.50, abs=0.05)
    assert np.mean(yaw > 60) == pytest.approx(0.25, abs=0.05)
    assert yaw.max() <= 90
    assert all(np.linalg.det(draw.rotation) == pytest.approx(1.0, abs=1e-5) for draw in draws[:9])


def test_expressions_look_human(model: MorphableModel) -> None:
    random = np.random.default_rng(1)
    names = model.expression_names
    drawn = np.stack([draw_expression(random, names) for _ in range(500)])
    column = {name: drawn[:, index] for index, name in enumerate(names)}
    assert drawn.min() >= 0 and drawn.max() <= 1
    assert np.corrcoef(column["mouthSmileLeft"], column["mouthSmileRight"])[0, 1] > 0.8
    assert not ((column["eyeLookInLeft"] > 0) & (column["eyeLookInRight"] > 0)).any()
    assert (column["mouthClose"] <= column["jawOpen"]).all()
    gaze = np.array(["eyeLook" in name for name in names])
    assert (drawn[:, ~gaze] > 0.02).sum(axis=1).max() <= 15
    assert 0.3 < np.mean(drawn[:, ~gaze].max(axis=1) <= 0.25) < 0.7


def test_every_expression_has_a_name_in_the_model(model: MorphableModel) -> None:
    drawn = {
        index
        for seed in range(300)
        for index in np.flatnonzero(
            draw_expression(np.random.default_rng(seed), model.expression_names)
        )
    }
    assert len(drawn) > 45


def test_a_floor_under_a_roof_sees_the_sides_only() -> None:
    corners = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]], dtype=np.float32)
    floor = np.vstack([corners, [[0, 0, 0]]]).astype(np.float32)
    roof = corners * 1.2 + np.array([0, 0.6, 0], dtype=np.float32)
    around = [[0, 4, 1], [1, 4, 2], [2, 4, 3], [3, 4, 0]]
    triangles = np.array([*around, [5, 7, 6], [5, 8, 7]], dtype=np.int64)
    view = sky_view(np.vstack([floor, roof]).astype(np.float32), triangles)
    up, side = np.array([0, 1, 0], np.float32), np.array([1, 0.15, 0], np.float32)
    assert view.lit_from(up)[4] < 0.05
    assert view.lit_from(side / np.linalg.norm(side))[4] > 0.3
    assert view.openness[4] < 0.4
    assert view.openness[5] > 0.99


def test_shade_of_a_matt_surface_that_faces_one_lamp_is_its_colour() -> None:
    ahead = np.array([[0, 0, 1]], dtype=np.float32)
    none = np.zeros(3, dtype=np.float32)
    lamp = Lamp(ahead[0], np.full(3, 2.0, dtype=np.float32))
    lighting = Lighting(none, np.zeros((3, 3), np.float32), (lamp,), 1.0, 10.0)
    one, zero = np.ones(1, np.float32), np.zeros(1, np.float32)
    colour = np.array([[0.1, 0.2, 0.3]], dtype=np.float32)
    lit = shade(GBuffer(colour, ahead, one, one, zero), lighting)
    np.testing.assert_allclose(lit, 2 * colour, rtol=1e-6)
    assert not shade(GBuffer(colour, ahead, one, zero, zero), lighting).any()
    assert not shade(GBuffer(colour, -ahead, one, one, zero), lighting).any()


@pytest.mark.parametrize(("count", "seed"), [(0, 1), (-1, 1), (1, -1)])
def test_a_senseless_count_or_seed_is_refused(model: MorphableModel, count: int, seed: int) -> None:
    with pytest.raises(ConfigError, match="wanted count and shots >= 1 and seed >= 0"):
        render_face_set(model, count, seed)


def test_the_command_writes_a_face_set_and_a_sheet(tmp_path, capsys) -> None:
    output, sheet = tmp_path / "heads.safetensors", tmp_path / "sheet.png"
    arguments = ["--count", "2", "--seed", str(SEED), "--output", str(output)]
    assert render_heads.main([*arguments, "--sheet", str(sheet)]) == 0
    assert load_face_set(output).ids == ("rendered-3-0", "rendered-3-1")
    assert Image.open(sheet).size == (8 * 120, 120)
    assert "2 heads of seed 3" in capsys.readouterr().out


def test_the_command_says_what_is_wrong(tmp_path, capsys) -> None:
    output = tmp_path / "heads.safetensors"
    assert render_heads.main(["--count", "0", "--output", str(output)]) == 1
    assert "wanted count and shots >= 1" in capsys.readouterr().err
    assert not output.exists()


def test_alignment_undoes_a_known_motion_and_keeps_the_scale() -> None:
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(4, 50, 3, generator=generator, dtype=torch.float64) * 0.1
    angles = torch.randn(4, 3, generator=generator, dtype=torch.float64) * 70
    turn = rotation_from_euler_deg(angles)
    moved = points @ turn.mT + torch.tensor([0.3, -2.0, 1.0], dtype=torch.float64)
    aligned = evaluate_rendered.rigidly_aligned(moved, points)
    torch.testing.assert_close(aligned, points, atol=1e-12, rtol=0)
    assert evaluate_rendered.rigid_error_mm(moved, points).max() < 1e-6

    centred = points - points.mean(dim=1, keepdim=True)
    larger = evaluate_rendered.rigid_error_mm(centred * 1.1, centred)
    expected = 0.1 * centred.norm(dim=-1).mean(dim=-1) * 1000
    torch.testing.assert_close(larger, expected)


def test_alignment_never_mirrors() -> None:
    generator = torch.Generator().manual_seed(1)
    points = torch.randn(1, 50, 3, generator=generator, dtype=torch.float64)
    mirrored = points * torch.tensor([-1.0, 1.0, 1.0], dtype=torch.float64)
    assert evaluate_rendered.rigid_error_mm(mirrored, points).item() > 100


class _Oracle:
    """A network that knows the answer, or gives the mean head; its second look is mirrored."""

    def __init__(
        self,
        model: MorphableModel,
        faces: FaceSet,
        change: Callable[[torch.Tensor], torch.Tensor],
    ) -> None:
        truth = faces.coefficients
        straight = Coefficients(truth.pose, change(truth.identity), change(truth.expression))
        in_mirror = mirrored(model, straight)
        self.answers = [straight, in_mirror, straight]

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        return images

    def coefficients(self, raw: torch.Tensor) -> Coefficients:
        return self.answers.pop(0)


def test_the_truth_removes_the_whole_error_and_the_mean_head_none(
    model: MorphableModel, faces: FaceSet
) -> None:
    perfect = evaluate_rendered.measure(_Oracle(model, faces, lambda x: x), model, faces)
    overall = evaluate_rendered.summary(perfect)[0]
    assert overall["heads"] == COUNT
    assert overall["both_mm"] < 1e-3 < overall["mean_head_mm"]
    assert overall["first_reduction_percent"] == pytest.approx(100, abs=0.1)

    lazy = evaluate_rendered.measure(_Oracle(model, faces, torch.zeros_like), model, faces)
    assert evaluate_rendered.summary(lazy)[0]["first_reduction_percent"] == pytest.approx(0)


def test_summary_of_errors_worked_by_hand() -> None:
    errors = evaluate_rendered.ShapeErrors(
        by_pass={"first": torch.tensor([1.0, 3.0]), "both": torch.tensor([1.0, 1.0])},
        mean_head=torch.tensor([2.0, 6.0]),
        yaw_deg=torch.tensor([-10.0, 75.0]),
    )
    overall, frontal, profile = evaluate_rendered.summary(errors)
    assert [row["yaw_deg"] for row in (overall, frontal, profile)] == ["all", "0-30", "60-90"]
    assert math.isclose(overall["first_reduction_percent"], 50.0)
    assert math.isclose(overall["both_reduction_percent"], 75.0)
    assert math.isclose(profile["both_reduction_percent"], 100 * 5 / 6, rel_tol=1e-6)
    json.dumps([overall, frontal, profile])
