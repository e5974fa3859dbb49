"""The AFLW2000-3D boards on invented faces and, where the data is there, on the real ones."""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks import scorer
from eval.benchmarks.aflw2000.data import PHOTO_SIDE, Aflw2000, literature_crops, load_benchmark
from eval.benchmarks.aflw2000.landmarks import (
    AFLW2000_3D,
    AFLW2000_3D_REANNOTATED,
    LandmarkChoices,
    score,
)
from eval.benchmarks.choices import add_options
from eval.errors import ChoiceError, ComparisonError, SubmissionError
from eval.results.record import ProtocolResult, Score
from eval.scoring.summary import Bootstrap
from eval.scoring.terms import refuse_different_terms
from eval.submissions.landmarks68 import REGIONS
from eval.submissions.submission import Submission, read_submission

FEW = Bootstrap(draws=20)


def scored(benchmark: Aflw2000, landmarks: np.ndarray, z_rule: str = "mean") -> ProtocolResult:
    submission = Submission(benchmark.ids, landmarks, {"method": "invented"})
    return score(AFLW2000_3D, benchmark, submission, z_rule=z_rule, bootstrap=FEW)


def depth_score(result: ProtocolResult) -> Score:
    score_3d = result.score("3d")
    assert score_3d is not None
    return score_3d


def test_a_perfect_submission_scores_zero(benchmark: Aflw2000, perfect: Submission) -> None:
    result = score(AFLW2000_3D, benchmark, perfect, bootstrap=FEW)
    assert result.headline.mean_of_bins == 0.0 == depth_score(result).mean_of_bins
    assert result.headline.mean_of_images == 0.0
    assert [part.failure_rate for part in result.headline.thresholds] == [0.0, 0.0]
    assert result.warnings == () and result.is_complete


def test_a_shift_of_one_pixel_scores_one_over_the_box(benchmark: Aflw2000) -> None:
    result = scored(benchmark, benchmark.landmarks68 + np.array([1.0, 0.0, 0.0]))
    assert result.headline.mean_of_bins == pytest.approx(1 / 100)
    assert result.headline.regions == pytest.approx(dict.fromkeys(REGIONS, 1 / 100))
    assert "(+1.00, +0.00) pixels" in result.warnings[0]


def test_the_mean_of_bins_weighs_bins_and_the_mean_of_images_weighs_images(
    benchmark: Aflw2000,
) -> None:
    shifts = np.zeros((6, 1, 3))
    shifts[:, 0, 0] = [1.0, 1.0, 2.0, 2.0, 6.0, 6.0]
    landmarks = benchmark.landmarks68 + shifts
    faces = replace(benchmark, yaw_deg=np.array([0.0, 0.0, 0.0, 0.0, 45.0, 75.0]))
    result = scored(faces, landmarks).headline
    assert [part.mean for part in result.bins] == pytest.approx([0.015, 0.06, 0.06])
    assert [part.count for part in result.bins] == [4, 1, 1]
    assert result.mean_of_bins == pytest.approx(0.045)
    assert result.mean_of_images == pytest.approx(0.03)


def test_another_normaliser_and_thresholds_are_named_and_applied(benchmark: Aflw2000) -> None:
    landmarks = benchmark.landmarks68 + np.array([3.0, 4.0, 0.0])
    submission = Submission(benchmark.ids, landmarks, {})
    result = score(
        AFLW2000_3D,
        benchmark,
        submission,
        normaliser="diagonal",
        thresholds=(0.01, 0.07),
        bootstrap=FEW,
    )
    truth = benchmark.landmarks68[..., :2]
    diagonals = np.hypot(*np.ptp(truth, axis=1).T)
    assert list(result.headline.per_image.values()) == pytest.approx((5 / diagonals).tolist())
    assert result.options["normaliser"] == "diagonal" and "diagonal" in result.normaliser
    assert [part.threshold for part in result.headline.thresholds] == [0.01, 0.07]
    plain = score(AFLW2000_3D, benchmark, submission, bootstrap=FEW)
    assert "normaliser" not in plain.options
    with pytest.raises(ComparisonError, match="normaliser must be the same"):
        refuse_different_terms([plain, result])


@pytest.mark.parametrize("text", ["0", "-5", "101"])
def test_a_threshold_is_a_percentage(text: str) -> None:
    assert LandmarkChoices().thresholds == (0.05, 0.1)
    chosen = LandmarkChoices(threshold=(10.0, 5.0, 7.0, 7.0))
    assert chosen.thresholds == pytest.approx((0.05, 0.07, 0.1))
    parser = argparse.ArgumentParser()
    add_options(parser, LandmarkChoices)
    assert parser.parse_args(["--threshold", "10", "5"]).threshold == [10.0, 5.0]
    with pytest.raises(SystemExit):
        parser.parse_args(["--threshold", text])
    with pytest.raises(ChoiceError, match="threshold must be a number above 0 and at most 100"):
        LandmarkChoices(threshold=[float(text)])


def test_regions_weighted_by_their_points_add_up_to_the_headline(benchmark: Aflw2000) -> None:
    noise = np.random.default_rng(4).normal(size=benchmark.landmarks68.shape)
    result = scored(benchmark, benchmark.landmarks68 + noise).headline
    total = sum((REGIONS[name][1] - REGIONS[name][0]) * v for name, v in result.regions.items())
    assert total / 68 == pytest.approx(result.mean_of_bins)


def test_order_of_the_submission_changes_nothing(benchmark: Aflw2000) -> None:
    noise = np.random.default_rng(4).normal(size=benchmark.landmarks68.shape)
    landmarks = benchmark.landmarks68 + noise
    turned = Submission(benchmark.ids[::-1], landmarks[::-1], {"method": "invented"})
    assert score(AFLW2000_3D, benchmark, turned, bootstrap=FEW) == scored(benchmark, landmarks)


def test_a_depth_offset_is_free_with_mean_and_min_and_costs_without(benchmark: Aflw2000) -> None:
    landmarks = benchmark.landmarks68 + np.array([0.0, 0.0, 10.0])
    errors = {
        rule: depth_score(scored(benchmark, landmarks, rule)).mean_of_bins
        for rule in ("mean", "min", "none")
    }
    assert errors == pytest.approx({"mean": 0.0, "min": 0.0, "none": 0.1})


def test_a_failed_face_is_counted_and_left_out_of_the_means(benchmark: Aflw2000) -> None:
    landmarks = benchmark.landmarks68 + np.array([1.0, 0.0, 0.0])
    landmarks[2] = np.nan
    result = scored(benchmark, landmarks)
    assert (result.expected, result.scored, result.is_complete) == (6, 5, False)
    assert result.failed_ids == ("image00002",)
    assert result.headline.mean_of_bins == pytest.approx(0.01)
    assert result.headline.thresholds[1].failure_rate == pytest.approx(1 / 6)
    assert np.isnan(result.headline.per_image["image00002"])


def test_a_bin_without_scored_faces_leaves_no_headline(benchmark: Aflw2000) -> None:
    landmarks = benchmark.landmarks68.copy()
    landmarks[4:] = np.nan
    result = scored(benchmark, landmarks).headline
    assert np.isnan([result.mean_of_bins, result.interval.low, result.bins[2].mean]).all()
    assert result.mean_of_images == 0.0


def test_nothing_predicted_is_refused(benchmark: Aflw2000) -> None:
    with pytest.raises(SubmissionError, match=r"all 6 rows are NaN"):
        scored(benchmark, np.full((6, 68, 3), np.nan))


@pytest.mark.parametrize(("factor", "said"), [(1 / 450, "0.00222 times"), (30.0, "30 times")])
def test_an_absurd_scale_is_refused(benchmark: Aflw2000, factor: float, said: str) -> None:
    with pytest.raises(SubmissionError, match=f"{said} as large as the true ones, wanted about 1"):
        scored(benchmark, benchmark.landmarks68 * factor)


@pytest.mark.parametrize("frame", ["y counted from the bottom", "photos mirrored", "x and y swap"])
def test_a_wrong_frame_is_named_and_scored_as_given(benchmark: Aflw2000, frame: str) -> None:
    landmarks = benchmark.landmarks68.copy()
    if frame.startswith("y"):
        landmarks[..., 1] = PHOTO_SIDE + 1 - landmarks[..., 1]
    elif frame.startswith("p"):
        landmarks[..., 0] = PHOTO_SIDE + 1 - landmarks[..., 0]
    else:
        landmarks[..., :2] = landmarks[..., 1::-1]
    result = scored(benchmark, landmarks)
    assert any(frame in text for text in result.warnings)
    assert result.headline.mean_of_bins > 0.1


@pytest.mark.parametrize(
    ("name", "reannotated", "bins", "mean_of_bins", "mean_of_images", "faces"),
    [
        ("2dasl_released", False, ["2.652", "3.629", "4.651"], "3.644", "3.143", 1998),
        ("2dasl_released", True, ["2.398", "2.838", "3.924"], "3.053", "2.714", 1998),
        ("3ddfa_v2_mb05", False, ["2.925", "3.667", "4.784"], "3.792", "3.350", 2000),
        ("3ddfa_v2_mb05", True, ["2.232", "2.734", "4.099"], "3.022", "2.613", 2000),
    ],
)
def test_public_systems_score_what_an_independent_scorer_found(
    data_root: Path,
    name: str,
    reannotated: bool,
    bins: list[str],
    mean_of_bins: str,
    mean_of_images: str,
    faces: int,
) -> None:
    faces_ = load_benchmark(data_root, reannotated=reannotated)
    submission = read_submission(data_root / "submissions" / f"{name}.npz")
    protocol = AFLW2000_3D_REANNOTATED if reannotated else AFLW2000_3D
    result = score(protocol, faces_, submission, bootstrap=Bootstrap(draws=200))
    assert [f"{100 * part.mean:.3f}" for part in result.headline.bins] == bins
    assert f"{100 * result.headline.mean_of_bins:.3f}" == mean_of_bins
    assert f"{100 * result.headline.mean_of_images:.3f}" == mean_of_images
    assert result.scored == faces
    if reannotated:
        assert result.score("3d") is None
    else:
        depth = {"2dasl_released": "5.08", "3ddfa_v2_mb05": "5.29"}[name]
        assert f"{100 * depth_score(result).mean_of_bins:.2f}" == depth
        offset = {"2dasl_released": "(+1.24, +0.33)", "3ddfa_v2_mb05": "(-0.90, -0.94)"}[name]
        assert f"predictions lie {offset} pixels" in result.warnings[0]


def test_a_subset_is_scored_and_named(benchmark: Aflw2000, perfect: Submission) -> None:
    part = benchmark.of([0, 2, 5], "three of them")
    result = score(AFLW2000_3D, part, perfect, bootstrap=FEW)
    assert (result.expected, result.scored, result.is_complete) == (3, 3, True)
    assert result.options["subset"] == "three of them"
    answers = perfect.landmarks
    assert answers is not None
    short = Submission(part.ids, answers[[0, 2, 5]], {})
    assert score(AFLW2000_3D, part, short, bootstrap=FEW).headline == result.headline
    strange = Submission((*part.ids[:2], "image9"), answers[[0, 2, 5]], {})
    with pytest.raises(SubmissionError, match=r"does not have \(image9\)"):
        score(AFLW2000_3D, part, strange, bootstrap=FEW)


@pytest.mark.parametrize(
    ("choices", "bins", "subset"),
    [
        ({"subset": "2dasl-1998"}, [1311, 383, 304], "2dasl-1998"),
        ({"subset": "balanced"}, [305, 305, 304], "balanced, 915 faces, seed 0"),
    ],
)
def test_named_subsets_of_the_real_benchmark(
    data_root: Path, choices: dict[str, object], bins: list[int], subset: str
) -> None:
    submission = data_root / "submissions" / "2dasl_released.npz"
    result = scorer.score("aflw2000-3d", submission, root=data_root, **choices)
    assert [part.count for part in result.headline.bins] == bins
    assert result.options["subset"] == subset
    assert f"{100 * result.headline.mean_of_bins:.3f}" in ("3.644", "3.645")


def test_published_crops_follow_the_rule_to_the_pixel(data_root: Path) -> None:
    faces = load_benchmark(data_root)
    published = np.load(data_root / "aflw2000_3d" / "roi_box.npy")
    squares = literature_crops(faces.landmarks68)
    assert (np.clip(squares, 1, PHOTO_SIDE) == published).all()
    assert (faces.benchmark_crops == squares).all()
    sides = squares[:, 2:] - squares[:, :2]
    assert (sides[:, 0] == sides[:, 1]).all()


def test_jpg_and_mat_files_alone_give_what_the_arrays_give(data_root: Path, tmp_path: Path) -> None:
    for path in (data_root / "aflw2000_3d").glob("image*"):
        (tmp_path / path.name).symlink_to(path)
    plain, helped = load_benchmark(tmp_path), load_benchmark(data_root)
    assert plain.ids == helped.ids
    assert np.abs(plain.landmarks68 - helped.landmarks68).max() < 1e-4
    assert np.abs(plain.yaw_deg - helped.yaw_deg).max() < 1e-4
    assert (plain.benchmark_crops == helped.benchmark_crops).all()
    assert (plain.yaw_source, helped.yaw_source) == ("Pose_Para of each .mat", "yaw.npy")
