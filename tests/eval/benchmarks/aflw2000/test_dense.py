"""The dense and the reconstruction board, each rule against a plain calculation."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from eval.benchmarks import scorer
from eval.benchmarks.aflw2000 import dense as aflw2000_dense
from eval.benchmarks.aflw2000 import reconstruction as aflw2000_reconstruction
from eval.benchmarks.aflw2000.dense_alignment import icp_aligned
from eval.benchmarks.aflw2000.dense_rules import RULES, match
from eval.benchmarks.aflw2000.dense_truth import DenseTruth, load_dense_truth
from eval.bfm.prnet import uv_landmarks
from eval.bfm.surface import face_texels, map_texels
from eval.errors import SubmissionError
from eval.results.record import ProtocolResult
from eval.scoring.directions import one_sided
from eval.scoring.summary import Bootstrap
from eval.submissions.submission import Submission
from tests.eval.array_rows import ArrayRows
from tests.eval.dense_world import KEYPOINTS, World, world

FEW = Bootstrap(draws=20)


@pytest.fixture
def given(tmp_path: Path) -> World:
    return world(tmp_path)


@pytest.fixture
def truth(given: World) -> DenseTruth:
    return load_dense_truth(given.folder, given.bfm, image_count=5)


def noisy(given: World, size: float = 2.0) -> np.ndarray:
    return given.meshes + np.random.default_rng(7).normal(size=given.meshes.shape) * size


def dense(
    given: World, truth: DenseTruth, meshes: np.ndarray, rule: str, **members: np.ndarray
) -> ProtocolResult:
    submission = Submission(given.ids, None, {}, vertices=ArrayRows(meshes), **members)
    matching = match(RULES[rule], truth, submission, bfm_folder=given.bfm)
    return aflw2000_dense.score(truth, submission, matching, bootstrap=FEW)


def reconstruction(
    given: World, truth: DenseTruth, meshes: np.ndarray, rule: str, scale: str = "fitted"
) -> ProtocolResult:
    submission = Submission(given.ids, None, {}, vertices=ArrayRows(meshes))
    matching = match(RULES[rule], truth, submission, bfm_folder=given.bfm)
    return aflw2000_reconstruction.score(truth, submission, matching, scale=scale, bootstrap=FEW)


def sqrt_box(points: np.ndarray) -> float:
    width, height = np.ptp(points[:, 0]), np.ptp(points[:, 1])
    return float(np.sqrt(width * height))


@pytest.mark.parametrize("rule", ["prnet", "2dasl"])
def test_a_perfect_submission_scores_zero(given: World, truth: DenseTruth, rule: str) -> None:
    for result in (
        dense(given, truth, given.meshes, rule),
        reconstruction(given, truth, given.meshes, rule),
    ):
        assert [score.headline for score in result.scores] == pytest.approx(
            [0.0] * len(result.scores), abs=1e-5
        )
        assert result.is_complete and result.warnings == () and result.options["rule"] == rule


def test_the_prnet_rule_takes_texels_their_box_and_mean_depth(
    given: World, truth: DenseTruth
) -> None:
    meshes = noisy(given) + np.array([0.0, 0.0, 50.0])
    texels = face_texels(given.bfm, truth.bfm)
    in_space, in_plane = [], []
    for ours, theirs in zip(meshes, given.meshes, strict=True):
        a = (ours[texels.corners] * texels.weights[..., None]).sum(axis=1)
        b = (theirs[texels.corners] * texels.weights[..., None]).sum(axis=1)
        in_plane.append(np.linalg.norm(a[:, :2] - b[:, :2], axis=1).mean() / sqrt_box(b))
        a[:, 2] -= a[:, 2].mean()
        b[:, 2] -= b[:, 2].mean()
        in_space.append(np.linalg.norm(a - b, axis=1).mean() / sqrt_box(b))
    result = dense(given, truth, meshes, "prnet")
    assert [score.name for score in result.scores] == ["3d", "2d"]
    assert list(result.scores[0].per_image.values()) == pytest.approx(in_space, abs=1e-6)
    assert list(result.scores[1].per_image.values()) == pytest.approx(in_plane, abs=1e-6)
    assert result.headline.headline == pytest.approx(np.mean(in_space), abs=1e-6)
    assert result.options["points"] == "30,400 of 30,400 texels of uv_face_mask.png"


def test_prnets_own_vertices_need_no_correspondence_file(given: World, truth: DenseTruth) -> None:
    meshes, texels = noisy(given), face_texels(given.bfm, truth.bfm)
    assert texels.texels is not None
    order = np.random.default_rng(0).permutation(len(texels.texels))
    (given.bfm / "face_ind.txt").write_text(" ".join(map(str, texels.texels[order])))
    result = dense(given, truth, texels.of(meshes)[:, order], "prnet")
    assert result.options["matching"] == "face_ind.txt, 30,400 of 30,400 texels"
    expected = dense(given, truth, meshes, "prnet").headline.headline
    assert result.headline.headline == pytest.approx(expected, abs=1e-6)


def test_sadrnets_68_points_are_texels_with_a_box_of_their_own(
    given: World, truth: DenseTruth
) -> None:
    columns, rows = np.arange(40, 108), np.arange(200, 132, -1)
    lines = (" ".join(map(str, part)) for part in (columns, rows))
    (given.bfm / "uv_kpt_ind.txt").write_text("\n".join(lines))
    meshes = noisy(given)
    result = dense(given, truth, meshes, "sadrnet-68")
    points = uv_landmarks(given.bfm, map_texels(given.bfm, truth.bfm))
    ours, theirs = points.of(meshes), points.of(given.meshes)
    expected = [
        np.linalg.norm((a - b)[:, :2], axis=1).mean() / sqrt_box(b)
        for a, b in zip(ours, theirs, strict=True)
    ]
    assert list(result.scores[1].per_image.values()) == pytest.approx(expected, abs=1e-6)
    assert result.options["rule"] == "sadrnet-68"
    with pytest.raises(SubmissionError, match="sadrnet-68 is one of dense alignment"):
        reconstruction(given, truth, meshes, "sadrnet-68")


def test_the_2dasl_rule_takes_all_vertices_the_68_points_box_and_least_depth(
    given: World, truth: DenseTruth
) -> None:
    meshes = noisy(given) + np.array([0.0, 0.0, 50.0])
    expected = []
    for ours, theirs in zip(meshes, given.meshes, strict=True):
        a, b = (points - [0.0, 0.0, points[:, 2].min()] for points in (ours, theirs))
        expected.append(np.linalg.norm(a - b, axis=1).mean() / sqrt_box(theirs[KEYPOINTS]))
    result = dense(given, truth, meshes, "2dasl")
    assert list(result.headline.per_image.values()) == pytest.approx(expected, abs=1e-6)
    assert result.options["points"] == "324 vertices"
    assert "68 true points" in result.normaliser and "min(z)" in result.alignment


def test_a_shift_of_one_pixel_scores_one_over_the_box_and_is_named(
    given: World, truth: DenseTruth
) -> None:
    result = dense(given, truth, given.meshes + np.array([1.0, 0.0, 0.0]), "2dasl")
    expected = np.mean([1 / sqrt_box(mesh[KEYPOINTS]) for mesh in given.meshes])
    assert [score.headline for score in result.scores] == pytest.approx([expected] * 2, abs=1e-5)
    assert "(+1.00" in result.warnings[0]


def test_reconstruction_forgives_pose_and_with_fitted_scale_size(
    given: World, truth: DenseTruth
) -> None:
    turned = 1.1 * given.meshes[..., [1, 0, 2]] * [1, -1, 1] + [3.0, 450.0, -7.0]
    fitted = reconstruction(given, truth, turned, "prnet")
    assert fitted.headline.headline == pytest.approx(0.0, abs=1e-5)
    kept = reconstruction(given, truth, turned, "prnet", scale="kept")
    assert kept.headline.headline > 0.01
    assert (fitted.options["scale"], kept.options["scale"]) == ("fitted", "kept")


def test_reconstruction_by_the_prnet_rule_is_scale_rotation_and_the_eye_distance(
    given: World, truth: DenseTruth
) -> None:
    meshes = noisy(given)
    texels = face_texels(given.bfm, truth.bfm)
    expected = []
    for ours, theirs in zip(meshes, given.meshes, strict=True):
        a, b = texels.of(ours), texels.of(theirs)
        a *= np.linalg.norm(b - b[0], axis=1).sum() / np.linalg.norm(a - a[0], axis=1).sum()
        turn, _ = Rotation.align_vectors(b - b.mean(axis=0), a - a.mean(axis=0))
        distance = np.linalg.norm(turn.apply(a - a.mean(axis=0)) - (b - b.mean(axis=0)), axis=1)
        eyes = theirs[KEYPOINTS[[36, 45]]]
        expected.append(distance.mean() / np.linalg.norm(eyes[0] - eyes[1]))
    result = reconstruction(given, truth, meshes, "prnet")
    assert list(result.headline.per_image.values()) == pytest.approx(expected, rel=1e-3)


def test_reconstruction_by_the_2dasl_rule_takes_each_50th_vertex_and_the_dense_box(
    given: World, truth: DenseTruth
) -> None:
    meshes = noisy(given)
    expected = []
    for ours, theirs in zip(meshes, given.meshes, strict=True):
        a, b = icp_aligned(ours[::50], theirs[::50])
        expected.append(np.linalg.norm(a - b, axis=1).mean() / sqrt_box(theirs))
    result = reconstruction(given, truth, meshes, "2dasl")
    assert list(result.headline.per_image.values()) == pytest.approx(expected, rel=1e-3)
    assert result.headline.label == "reconstruction, scale kept"
    assert result.options["points"] == "every 50th of 324 vertices"


def test_a_failed_face_is_counted_and_left_out(given: World, truth: DenseTruth) -> None:
    meshes = given.meshes + np.array([1.0, 0.0, 0.0])
    meshes[2] = np.nan
    for result in (
        dense(given, truth, meshes, "prnet"),
        reconstruction(given, truth, meshes, "prnet"),
    ):
        assert (result.expected, result.scored, result.is_complete) == (5, 4, False)
        assert result.failed_ids == ("image00002",)


def test_a_mesh_in_another_frame_is_named_or_refused(given: World, truth: DenseTruth) -> None:
    upside_down = given.meshes * [1, -1, 1] + [0.0, 451.0, 0.0]
    result = dense(given, truth, upside_down, "2dasl")
    assert any("y counted from the bottom" in text for text in result.warnings)
    with pytest.raises(SubmissionError, match=r"times as large as the true ones"):
        dense(given, truth, given.meshes * 30, "2dasl")


def test_a_mesh_that_cannot_be_aligned_is_named(given: World, truth: DenseTruth) -> None:
    meshes = given.meshes.copy()
    meshes[3] = 7.0
    with pytest.raises(SubmissionError, match=r"vertices of image00003 cannot be aligned"):
        reconstruction(given, truth, meshes, "prnet")


def test_another_topology_needs_a_correspondence_or_nearest_points(
    given: World, truth: DenseTruth
) -> None:
    with pytest.raises(SubmissionError, match=r"vertices has 300 .* wanted the 324 .*--nearest"):
        dense(given, truth, given.meshes[:, :300], "2dasl")


def test_a_correspondence_brings_another_topology_into_the_truths_order(
    given: World, truth: DenseTruth, tmp_path: Path
) -> None:
    """The other mesh is the same one, its vertices shuffled and one of them lost."""
    order = np.random.default_rng(0).permutation(324)[:323]
    lost = (set(range(324)) - set(order.tolist())).pop()
    place = np.full(324, -1)
    place[order] = np.arange(323)
    weights = np.tile([1.0, 0.0, 0.0], (324, 1))
    np.savez(tmp_path / "c.npz", corners=np.tile(place[:, None], 3), weights=weights)
    meshes = noisy(given)
    submission = Submission(given.ids, None, {}, vertices=ArrayRows(meshes[:, order]))
    matching = match(
        RULES["2dasl"],
        truth,
        submission,
        bfm_folder=given.bfm,
        correspondence=tmp_path / "c.npz",
    )
    result = aflw2000_dense.score(truth, submission, matching, bootstrap=FEW)
    kept = np.delete(np.arange(324), lost)
    plane = np.linalg.norm((meshes - given.meshes)[:, kept, :2], axis=2).mean(axis=1)
    boxes = [sqrt_box(mesh[KEYPOINTS]) for mesh in given.meshes]
    assert list(result.scores[1].per_image.values()) == pytest.approx(plane / boxes, abs=1e-6)
    assert result.options["matching"].startswith("c.npz, 323 of 324 points, sha256 ")


def test_nearest_points_are_compared_after_the_68_points_fix_the_depth(
    given: World, truth: DenseTruth
) -> None:
    """The same surfaces, shuffled and moved in depth: only vertices between texels differ."""
    order = np.random.default_rng(0).permutation(324)
    place = np.argsort(order)
    meshes = given.meshes[:, order] + [0.0, 0.0, 80.0]
    submission = Submission(
        given.ids,
        given.meshes[:, KEYPOINTS] + [0.0, 0.0, 80.0],
        {},
        vertices=ArrayRows(meshes),
        triangles=place[given.triangles],
    )
    matching = match(RULES["prnet"], truth, submission, bfm_folder=given.bfm, nearest=True)
    result = aflw2000_dense.score(truth, submission, matching, bootstrap=FEW)
    shape = aflw2000_reconstruction.score(truth, submission, matching, bootstrap=FEW)
    assert [score.name for score in result.scores] == ["3d", "3d-back"]
    assert [score.name for score in shape.scores] == ["reconstruction", "reconstruction-back"]
    for part in (*result.scores, *shape.scores):
        assert part.headline == pytest.approx(0.0, abs=1e-4)
    assert result.options["matching"] == "nearest surface points of another topology"
    assert one_sided(result) == one_sided(shape) == ""


def test_nearest_points_need_landmarks_and_the_prnet_rule(given: World, truth: DenseTruth) -> None:
    vertices = ArrayRows(given.meshes)
    bare = Submission(given.ids, None, {}, vertices=vertices, triangles=given.triangles)
    with pytest.raises(SubmissionError, match=r"has no landmarks"):
        match(RULES["prnet"], truth, bare, bfm_folder=given.bfm, nearest=True)
    points = given.meshes[:, KEYPOINTS].copy()
    points[1] = np.nan
    submission = Submission(given.ids, points, {}, vertices=vertices, triangles=given.triangles)
    matching = match(RULES["2dasl"], truth, submission, bfm_folder=given.bfm, nearest=True)
    with pytest.raises(SubmissionError, match=r"landmarks of image00001 is NaN and its vertices"):
        aflw2000_dense.score(truth, submission, matching, bootstrap=FEW)
    with pytest.raises(SubmissionError, match=r"pass --rule prnet"):
        aflw2000_reconstruction.score(truth, submission, matching, bootstrap=FEW)


def test_the_command_lines_options_reach_the_boards(
    given: World, truth: DenseTruth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.benchmarks.aflw2000.dense_rules.load_dense_truth", lambda *_: truth)
    np.savez(tmp_path / "s.npz", ids=np.array(given.ids), vertices=given.meshes)
    for module in (aflw2000_dense, aflw2000_reconstruction):
        benchmark = module.BENCHMARKS[0]
        name = benchmark.protocol.name
        result = scorer.score(name, tmp_path / "s.npz", rule="2dasl", bfm=given.bfm)
        assert result.protocol == benchmark.protocol.name
        assert result.headline.headline == pytest.approx(0.0, abs=1e-5)
        assert len(result.submission_sha256) == 64
