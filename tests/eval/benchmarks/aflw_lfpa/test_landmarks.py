"""The AFLW-LFPA board: hand-worked errors, boxes by option, and results that name their map."""

from pathlib import Path

import numpy as np
import pytest

from eval.__main__ import main
from eval.benchmarks import scorer
from eval.benchmarks.aflw_lfpa.data import Lfpa
from eval.benchmarks.aflw_lfpa.landmarks import AFLW_LFPA, score
from eval.benchmarks.aflw_lfpa.map import LandmarkMap, save_map
from eval.errors import BenchmarkError, ChoiceError, MapError, SubmissionError
from eval.leaderboard.files import load_record, save_record
from eval.results.record import ProtocolResult
from eval.submissions.submission import Submission, write_submission
from tests.eval.lfpa_files import write_set

IDS = ("1", "2", "3")
MAP = LandmarkMap("first 34", np.eye(34, 68), {"method": "invented"})


@pytest.fixture
def faces() -> Lfpa:
    """Three faces whose points 1 and 34 span 100 x 100 pixels, in boxes of 40 x 160 = 80 squared.

    The first shows all points, the second points 1, 2 and 34, the third 1 and 34.
    """
    points = np.random.default_rng(1).uniform(100.0, 200.0, size=(3, 34, 2))
    points[:, 0], points[:, 33] = 100.0, 200.0
    visible = np.ones((3, 34), dtype=bool)
    visible[1, 2:33] = False
    visible[2, 1:33] = False
    boxes = np.tile([90.0, 80.0, 40.0, 160.0], (3, 1))
    return Lfpa(IDS, points, visible, boxes, "invented")


def submitted(faces: Lfpa, seed: int = 2) -> np.ndarray:
    """(3, 68, 3) the truth as the first 34 of the 68, anything as the others."""
    landmarks = np.random.default_rng(seed).uniform(0.0, 500.0, size=(3, 68, 3))
    landmarks[:, :34, :2] = faces.points
    return landmarks


def scored(faces: Lfpa, landmarks: np.ndarray, box: str = "provided") -> ProtocolResult:
    return score(faces, Submission(faces.ids, landmarks, {"method": "mine"}), MAP, box=box)


def test_a_perfect_submission_scores_zero_whatever_its_hidden_points(faces: Lfpa) -> None:
    landmarks = submitted(faces)
    landmarks[1, 2:33], landmarks[2, 1:33] = 1.0, 2000.0
    result = scored(faces, landmarks)
    assert result.headline.headline == 0.0
    assert result.headline.per_image == {"1": 0.0, "2": 0.0, "3": 0.0}
    assert (result.expected, result.scored, result.warnings) == (3, 3, ())


def test_a_shift_of_one_pixel_is_one_over_the_box_that_was_chosen(faces: Lfpa) -> None:
    landmarks = submitted(faces)
    landmarks[..., 0] += 1.0
    assert scored(faces, landmarks).headline.headline == pytest.approx(1.0 / 80.0)
    by_points = scored(faces, landmarks, "visible-points")
    assert by_points.headline.headline == pytest.approx(1.0 / 100.0)


def test_errors_worked_by_hand(faces: Lfpa) -> None:
    landmarks = submitted(faces)
    landmarks[0, 4, :2] += [3.0, 4.0]  # one of 34 points, 5 pixels off
    landmarks[1, 1, :2] += [0.0, 6.0]  # one of three
    landmarks[1, 9, :2] += 1000.0  # hidden
    landmarks[2, 33, :2] += [8.0, 0.0]  # one of two
    headline = scored(faces, landmarks).headline
    expected = [5.0 / 34.0 / 80.0, 6.0 / 3.0 / 80.0, 8.0 / 2.0 / 80.0]
    assert list(headline.per_image.values()) == pytest.approx(expected)
    assert headline.headline == pytest.approx(np.mean(expected))
    assert headline.aggregate == "mean_of_images" and headline.bins == ()
    # A point's mean is over the images that show it: point 2 in two, point 5 and 10 in one.
    assert headline.per_point[1] == pytest.approx((0.0 + 6.0 / 80.0) / 2.0)
    assert headline.per_point[4] == pytest.approx(5.0 / 80.0)
    assert headline.per_point[9] == 0.0
    assert headline.per_point[33] == pytest.approx(8.0 / 80.0 / 3.0)


def test_a_plain_loop_gives_the_same_errors(faces: Lfpa) -> None:
    landmarks = submitted(faces) + np.random.default_rng(3).normal(size=(3, 68, 3))
    weights = np.zeros((34, 68))
    weights[:, :34] = np.eye(34) * 0.75 + np.roll(np.eye(34), 1, axis=1) * 0.25
    other = LandmarkMap("blend", weights, {})
    result = score(faces, Submission(IDS, landmarks, {}), other, box="visible-points")
    for n, error in enumerate(result.headline.per_image.values()):
        distances, shown = [], []
        for point in range(34):
            if faces.visible[n, point]:
                mixed = 0.75 * landmarks[n, point] + 0.25 * landmarks[n, (point + 1) % 34]
                x, y = faces.points[n, point]
                distances.append(((mixed[0] - x) ** 2 + (mixed[1] - y) ** 2) ** 0.5)
                shown.append((x, y))
        width = max(x for x, _ in shown) - min(x for x, _ in shown)
        height = max(y for _, y in shown) - min(y for _, y in shown)
        assert error == pytest.approx(np.mean(distances) / (width * height) ** 0.5)


def test_every_result_names_its_map_and_box_and_keeps_them_in_the_record(
    faces: Lfpa, tmp_path: Path
) -> None:
    result = scored(faces, submitted(faces), "visible-points")
    assert result.options == {
        "map": "first 34",
        "map_from": "invented",
        "map_sha256": MAP.sha256,
        "box": "visible-points",
    }
    save_record(tmp_path / "r.json", result)
    assert load_record(tmp_path / "r.json").options == result.options


def test_a_failed_face_is_counted_and_left_out(faces: Lfpa) -> None:
    landmarks = submitted(faces)
    landmarks[..., 1] += 1.0
    landmarks[1] = np.nan
    result = scored(faces, landmarks)
    assert result.failed_ids == ("2",) and not result.is_complete
    assert result.headline.headline == pytest.approx(1.0 / 80.0)
    assert result.headline.thresholds[0].failure_rate == pytest.approx(1.0 / 3.0)


def test_the_order_of_rows_changes_nothing(faces: Lfpa) -> None:
    landmarks = submitted(faces) + np.random.default_rng(3).normal(size=(3, 68, 3))
    turned = score(faces, Submission(IDS[::-1], landmarks[::-1], {}), MAP)
    assert turned.headline.per_image == scored(faces, landmarks).headline.per_image


def test_predictions_that_answer_something_else_are_refused(faces: Lfpa) -> None:
    landmarks = submitted(faces)
    with pytest.raises(SubmissionError, match=r"ids has 1 names .*\(4\)"):
        score(faces, Submission(("1", "2", "4"), landmarks, {}), MAP)
    with pytest.raises(SubmissionError, match=r"times as large as the true ones"):
        scored(faces, landmarks / 100.0)
    with pytest.raises(SubmissionError, match=r"all 3 rows are NaN"):
        scored(faces, np.full((3, 68, 3), np.nan))


def test_boxes_that_hardly_fit_the_points_are_remarked(faces: Lfpa) -> None:
    wide = Lfpa(IDS, faces.points, faces.visible, np.tile([0, 0, 250.0, 250.0], (3, 1)), "invented")
    (warning,) = scored(wide, submitted(faces)).warnings
    assert "typically 2.50 times as large" in warning
    assert scored(wide, submitted(faces), "visible-points").warnings == ()


def test_a_face_without_a_box_of_its_own_is_named(faces: Lfpa) -> None:
    faces.visible[2, 33] = False  # one point is left
    with pytest.raises(BenchmarkError, match=r"1 images have a box without an area \(3\)"):
        scored(faces, submitted(faces), "visible-points")
    assert scored(faces, submitted(faces)).headline.headline == 0.0
    bare = Lfpa(IDS, faces.points, faces.visible, None, "invented")
    with pytest.raises(BenchmarkError, match=r"boxes were not read"):
        scored(bare, submitted(faces))
    with pytest.raises(ValueError, match=r"box must be one of provided, visible-points"):
        scored(faces, submitted(faces), "round")


def score_file(folder: Path, **choices: object) -> ProtocolResult:
    path = folder / "mine.npz"
    return scorer.score("aflw-lfpa", path, root=folder, map=folder / "map.json", **choices)


def test_the_board_scores_files_of_the_whole_test_part(tmp_path: Path) -> None:
    points = np.random.default_rng(4).uniform(100.0, 200.0, size=(1299, 34, 2))
    points[:, 0], points[:, 33] = 100.0, 200.0
    visible = np.ones((1299, 34), dtype=bool)
    write_set(tmp_path, (points, visible), (points[:1], visible[:1]))
    landmarks = np.zeros((1299, 68, 3))
    landmarks[:, :34, :2] = points
    landmarks[..., 1] += 1.0
    ids = [str(number) for number in range(1, 1300)]
    write_submission(tmp_path / "mine.npz", ids, landmarks, {"method": "mine"})
    save_map(tmp_path / "map.json", MAP)
    for choices in ({}, {"box": "visible-points"}):
        result = score_file(tmp_path, **choices)
        assert result.headline.headline == pytest.approx(0.01)
        assert result.scored == result.expected == AFLW_LFPA.image_count
    (tmp_path / "BoundingBox.mat").unlink()
    score_file(tmp_path, box="visible-points")
    with pytest.raises(BenchmarkError, match=r"no file .*BoundingBox.mat"):
        score_file(tmp_path)
    (tmp_path / "map.json").write_text("{}")
    with pytest.raises(MapError, match=r"map.json is not a map"):
        score_file(tmp_path)


def test_a_map_must_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["score", "aflw-lfpa", "mine.npz", "--root", str(tmp_path)])
    assert "--map" in capsys.readouterr().err
    with pytest.raises(ChoiceError, match="map is missing: map from 68 to 34 points"):
        scorer.score("aflw-lfpa", tmp_path / "mine.npz", root=tmp_path)
