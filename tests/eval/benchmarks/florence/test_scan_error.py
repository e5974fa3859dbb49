"""The Florence board: rendered heads, predictions with known errors, and options in the record."""

import argparse
import functools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.benchmarks import scorer
from eval.benchmarks.choices import add_options
from eval.benchmarks.florence import scan_error as florence
from eval.benchmarks.florence.faces import rendered_faces
from eval.benchmarks.florence.reconstruction import Choices
from eval.benchmarks.florence.scan_error import FLORENCE, FlorenceChoices, score
from eval.benchmarks.florence.subjects import load_benchmark
from eval.benchmarks.florence.views import POSE_SETS, PoseSet
from eval.errors import SubmissionError
from eval.leaderboard.files import load_record, save_record
from eval.leaderboard.ranking import unranked_reason
from eval.leaderboard.report import protocol_text, result_text
from eval.results.record import ProtocolResult
from eval.scoring.summary import Bootstrap
from eval.submissions.submission import Submission, write_submission
from tests.eval.array_rows import ArrayRows
from tests.eval.florence_files import (
    Head,
    as_benchmark,
    invented_head,
    landmarks68,
    write_scans,
)

pytestmark = pytest.mark.long

Floats = NDArray[np.float64]
VRN = POSE_SETS["vrn"]


@pytest.fixture(scope="module")
def heads() -> dict[str, Head]:
    """Two subjects."""
    return {name: invented_head(seed, rows=40) for seed, name in enumerate(("s1", "s2"))}


def predictions(
    heads: dict[str, Head], deformed: Sequence[Floats] | None = None, poses: PoseSet = VRN
) -> Submission:
    """A perfect submission, or one of other vertices in each scan's millimetres."""
    benchmark = as_benchmark(heads)
    faces = rendered_faces(benchmark.subjects, poses)
    shapes = dict(zip(heads, deformed or [h.scan.vertices for h in heads.values()], strict=True))
    vertices = [face.view.image_from_scan(shapes[face.subject.name]) for face in faces]
    points = [landmarks68(heads[face.subject.name], face.view) for face in faces]
    triangles = next(iter(heads.values())).scan.triangles
    return Submission(
        tuple(face.image_id for face in faces),
        np.stack(points),
        {"method": "invented"},
        vertices=ArrayRows(np.stack(vertices)),
        triangles=triangles,
    )


def scored(
    heads: dict[str, Head], submission: Submission, choices: Choices | None = None
) -> ProtocolResult:
    return score(
        as_benchmark(heads),
        submission,
        poses=VRN,
        choices=choices or Choices(),
        bootstrap=Bootstrap(draws=100),
    )


@pytest.fixture
def one_head(heads: dict[str, Head]) -> dict[str, Head]:
    """One subject, where what is tested does not depend on how many there are."""
    return {"s1": heads["s1"]}


@pytest.fixture(scope="module")
def perfect(heads: dict[str, Head]) -> ProtocolResult:
    """Of a perfect submission."""
    return scored(heads, predictions(heads))


def test_a_perfect_submission_scores_zero_in_every_yaw(perfect: ProtocolResult) -> None:
    assert [part.name for part in perfect.scores] == [
        *("icp", "landmark-icp", "landmarks", "non-rigid", "icp-back")
    ]
    for part in perfect.scores:
        assert part.headline == pytest.approx(0.0, abs=1e-9)
        assert [group.label for group in part.bins] == ["-80", "-40", "0", "40", "80"]
        assert [group.count for group in part.bins] == [6] * 5
    assert perfect.is_complete and perfect.warnings == ()


def test_swollen_heads_are_found_with_their_known_error(heads: dict[str, Head]) -> None:
    thick = (1.0, 3.0)
    deformed = [
        head.scan.vertices + millimetres * head.normals
        for head, millimetres in zip(heads.values(), thick, strict=True)
    ]
    result = scored(heads, predictions(heads, deformed), Choices(distance="surface"))
    expected = np.mean(
        [mm / h.landmarks.interocular_mm for h, mm in zip(heads.values(), thick, strict=True)]
    )
    landmarks = result.score("landmarks")
    assert landmarks is not None and landmarks.headline == pytest.approx(expected, rel=0.03)
    assert 0 < result.headline.headline < 0.6 * expected


def test_one_bad_yaw_is_shown_in_its_own_figure(one_head: dict[str, Head]) -> None:
    submission = predictions(one_head)
    assert isinstance(submission.vertices, ArrayRows)
    vertices = submission.vertices.array.copy()
    noise = np.random.default_rng(0).normal(size=vertices.shape)
    profile = np.array([name.endswith("_80") for name in submission.ids])
    vertices[profile] += 4 * noise[profile]
    noisy = replace(submission, vertices=ArrayRows(vertices))
    means = [group.mean for group in scored(one_head, noisy).headline.bins]
    assert means[4] > 0.01 and max(means[:4]) < 1e-6


def test_every_choice_is_in_the_record_and_survives_the_file(
    one_head: dict[str, Head], tmp_path: Path
) -> None:
    choices = Choices("fit", "surface", "predicted", 0.9, "sadrnet")
    result = scored(one_head, predictions(one_head), choices)
    assert result.options == {
        "poses": "vrn (pitches 15, 20, 25; yaws -80, -40, 0, 40, 80)",
        "scale": "fit",
        "distance": "surface",
        "interocular": "predicted",
        "overlap": "0.9",
        "steps": "sadrnet",
        "crop": "95 mm around the nose tip",
        "named points": "right_eye_outer, left_eye_outer, nose_tip, right_eye_inner, "
        "left_eye_inner, right_mouth_corner, left_mouth_corner",
    }
    save_record(tmp_path / "r.json", result)
    assert load_record(tmp_path / "r.json").options == result.options
    text = result_text(result)
    assert "SADRNet's steps" in text and "ICP from named points" in text and "-80 (3)" in text


def test_a_failed_face_counts_and_leaves_the_board_unranked(heads: dict[str, Head]) -> None:
    submission = predictions(heads)
    assert isinstance(submission.vertices, ArrayRows) and submission.landmarks is not None
    vertices, landmarks = submission.vertices.array.copy(), submission.landmarks.copy()
    vertices[2], landmarks[2] = np.nan, np.nan
    partial = replace(submission, landmarks=landmarks, vertices=ArrayRows(vertices))
    result = scored(heads, partial)
    assert result.failed_ids == (submission.ids[2],) and result.scored == 29
    assert not result.is_complete


def test_ids_of_another_pose_set_are_refused(heads: dict[str, Head]) -> None:
    with pytest.raises(SubmissionError, match="names that the benchmark does not have"):
        scored(heads, predictions(heads, poses=POSE_SETS["sadrnet"]))


def test_a_crop_that_was_not_undone_is_named_or_refused(one_head: dict[str, Head]) -> None:
    submission = predictions(one_head)

    def shrunk(factor: float) -> Submission:
        assert isinstance(submission.vertices, ArrayRows) and submission.landmarks is not None
        vertices = ArrayRows(submission.vertices.array * factor)
        landmarks = np.asarray(submission.landmarks, dtype=np.float64) * factor
        return Submission(
            submission.ids, landmarks, {}, vertices=vertices, triangles=submission.triangles
        )

    warnings = scored(one_head, shrunk(0.8)).warnings
    assert any("wrong scale: predicted faces are 0.8 times" in text for text in warnings)
    with pytest.raises(SubmissionError, match="times as large"):
        scored(one_head, shrunk(0.05))


def test_a_y_flip_is_named_and_an_offset_is_not(one_head: dict[str, Head]) -> None:
    whole = predictions(one_head)
    assert isinstance(whole.vertices, ArrayRows)

    def changed(factor: Floats, offset: Floats) -> Submission:
        assert isinstance(whole.vertices, ArrayRows)
        vertices = whole.vertices.array * factor + offset
        points = np.asarray(whole.landmarks, dtype=np.float64) * factor + offset
        return replace(whole, landmarks=points, vertices=ArrayRows(vertices))

    flipped = changed(np.array([1.0, -1.0, 1.0]), np.array([0.0, 599.0, 0.0]))
    warnings = scored(one_head, flipped).warnings
    assert any(text.startswith("y counted from the bottom?") for text in warnings)
    moved = scored(one_head, changed(np.ones(3), np.array([3.0, 2.0, 0.0])))
    assert moved.warnings == () and moved.headline.headline < 1e-3


def test_missing_members_are_refused(heads: dict[str, Head]) -> None:
    whole = predictions(heads)
    bare = Submission(whole.ids, whole.landmarks, {}, vertices=whole.vertices)
    with pytest.raises(SubmissionError, match="no triangles, which this benchmark needs"):
        scored(heads, bare)
    with pytest.raises(SubmissionError, match="no vertices"):
        scored(heads, Submission(whole.ids, whole.landmarks, {}))
    with pytest.raises(SubmissionError, match="no landmarks"):
        scored(heads, Submission(whole.ids, None, {}, vertices=whole.vertices))


def test_a_file_is_scored_through_the_board(
    heads: dict[str, Head], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_scans(tmp_path / "florence", heads)
    monkeypatch.setattr(
        florence, "load_benchmark", functools.partial(load_benchmark, subject_count=2)
    )
    path = tmp_path / "mine.npz"
    made = predictions(heads)
    assert made.landmarks is not None
    write_submission(
        path,
        made.ids,
        made.landmarks.astype(np.float64),
        {"method": "mine"},
        vertices=made.vertices,
        triangles=made.triangles,
    )
    result = scorer.score("florence", path, root=tmp_path)
    # float32 pixels and an OBJ of five decimals.
    assert result.headline.headline == pytest.approx(0.0, abs=1e-6)
    assert result.facts.method == "mine" and result.options["scale"] == "none"
    assert "landmarks.json (sha256" in result.truth_source
    assert len(result.submission_sha256) == 64


@pytest.mark.parametrize("text", ["0", "-0.1", "1.1", "nan", "all"])
def test_an_overlap_out_of_range_is_a_wrong_command_line(text: str) -> None:
    parser = argparse.ArgumentParser()
    add_options(parser, FlorenceChoices)
    with pytest.raises(SystemExit) as stop:
        parser.parse_args(["--overlap", text])
    assert stop.value.code == 2


def test_the_protocol_prints_its_own_choices() -> None:
    text = protocol_text([FLORENCE])
    for word in ("795", "pose_sets", "vrn #158", "95 mm", "SADRNet", "plus an offset of 22.5"):
        assert word in text


def test_a_cloud_that_fills_space_is_not_ranked(
    one_head: dict[str, Head], perfect: ProtocolResult
) -> None:
    whole = predictions(one_head)
    faces = rendered_faces(as_benchmark(one_head).subjects, VRN)
    generator = np.random.default_rng(0)
    fixed = generator.uniform([-90, -110, -40], [90, 110, 120], size=(3_000, 3))
    cloud = np.stack([face.view.image_from_scan(fixed) for face in faces])
    soup = replace(whole, vertices=ArrayRows(cloud), triangles=np.arange(3_000).reshape(-1, 3))
    result = scored(one_head, soup)
    assert "surface off the face makes the latter small" in unranked_reason(result)
    assert "warning: on 100 % of the images" in result_text(result)
    assert unranked_reason(perfect) != unranked_reason(result)
