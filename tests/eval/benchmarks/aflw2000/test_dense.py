"""The dense board, and what both boards of meshes share, against a plain calculation."""

from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks import scorer
from eval.benchmarks.aflw2000 import dense as aflw2000_dense
from eval.benchmarks.aflw2000 import reconstruction as aflw2000_reconstruction
from eval.benchmarks.aflw2000.dense_truth import DenseTruth
from eval.bfm.prnet import uv_landmarks
from eval.bfm.surface import face_texels, map_texels
from eval.errors import SubmissionError
from tests.eval.dense_scores import dense, given, noisy, reconstruction, sqrt_box, truth
from tests.eval.dense_world import KEYPOINTS, World

__all__ = ["given", "truth"]  # fixtures


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
