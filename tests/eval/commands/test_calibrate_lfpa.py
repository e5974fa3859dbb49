"""`eval calibrate-lfpa`, from files to a map to a score."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.aflw_lfpa.data import TEST, TRAINING, load_part
from eval.benchmarks.aflw_lfpa.landmarks import score
from eval.benchmarks.aflw_lfpa.map import load_map
from eval.commands import calibrate_lfpa
from eval.errors import EvalError
from eval.submissions.submission import read_submission, write_submission
from tests.eval.lfpa_files import (
    NOISE,
    invented_landmarks,
    invented_truth,
    known_weights,
    write_set,
)

TRAIN_COUNT, TEST_COUNT = 300, 100


@pytest.fixture
def invented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Both parts in small, with a method's predictions; three training faces failed."""
    small = replace(TRAINING, image_count=TRAIN_COUNT)
    monkeypatch.setattr(calibrate_lfpa, "TRAINING", small)
    training, test = invented_landmarks(TRAIN_COUNT, 1), invented_landmarks(TEST_COUNT, 2)
    write_set(tmp_path, invented_truth(test, 3), invented_truth(training, 4))
    training[[5, 6, 7]] = np.nan
    meta = {"method": "invented net", "weights_revision": "r1"}
    for name, faces in (("train", training), ("test", test)):
        ids = [str(number) for number in range(1, len(faces) + 1)]
        write_submission(tmp_path / f"{name}.npz", ids, faces, meta)
    return tmp_path


def run(folder: Path, *more: str) -> str:
    parser = argparse.ArgumentParser()
    calibrate_lfpa.add(parser.add_subparsers())
    arguments = ["calibrate-lfpa", "--root", str(folder), "--output", str(folder / "map.json")]
    arguments += ["--predictions", str(folder / "train.npz"), "--most-points", "4", *more]
    return calibrate_lfpa.run(parser, parser.parse_args(arguments))


def test_the_known_map_is_written_shown_and_scores_the_noise(invented: Path) -> None:
    text = run(invented, "--name", "net map")
    landmark_map = load_map(invented / "map.json")
    assert np.abs(landmark_map.weights - known_weights()).max() < 0.03
    assert f"map net map, sha256 {landmark_map.sha256}" in text
    assert "invented net's points on 297 training images; 3 had none, 0 were set aside" in text
    assert any(
        line.startswith("    1     297") and "+1.000 x 18" in line for line in text.split("\n")
    )

    test_part = replace(TEST, image_count=TEST_COUNT)
    faces = load_part(invented, test_part, with_boxes=True)
    submission = read_submission(invented / "test.npz")
    result = score(faces, submission, landmark_map)
    # The length of noise in x and y of equal size is sqrt(pi / 2) times one axis's on average;
    # the noise is a share of the 68 points' box, the error one of the visible points' box.
    size = np.sqrt(np.prod(np.ptp(submission.in_order(faces.ids)[..., :2], axis=1), axis=1))
    assert faces.boxes is not None
    own = np.sqrt(faces.boxes[:, 2] * faces.boxes[:, 3])
    expected = NOISE * np.sqrt(np.pi / 2.0) * np.mean(size / own)
    assert result.headline.headline == pytest.approx(expected, rel=0.05)


def test_a_map_says_how_it_was_made(invented: Path) -> None:
    run(invented)
    made = json.loads((invented / "map.json").read_text())["made"]
    assert load_map(invented / "map.json").name == "map"
    assert made["method"] == "invented net" and made["weights_revision"] == "r1"
    assert made["truth_source"] == "phisTr of Landmark.mat"
    assert (made["images_used"], made["images_failed"], made["images_set_aside"]) == (297, 3, 0)
    assert (made["ridge"], made["most_points"]) == (1e-5, 4)
    assert made["predictions_sha256"] == read_submission(invented / "train.npz").sha256
    assert made["held_out_rms_of_68_point_box"] == pytest.approx(np.sqrt(2.0) * NOISE, rel=0.05)


def test_the_same_files_give_the_same_map(invented: Path) -> None:
    run(invented)
    first = load_map(invented / "map.json").sha256
    run(invented)
    assert load_map(invented / "map.json").sha256 == first


def test_input_that_cannot_be_fitted_is_refused_and_nothing_is_written(invented: Path) -> None:
    ids = [str(number) for number in range(1, TRAIN_COUNT + 1)]
    faces = invented_landmarks(TRAIN_COUNT, 1)
    cases = [
        ([*ids[:-1], "0"], faces, r"ids has 1 names that the benchmark does not have \(0\)"),
        (ids, np.full_like(faces, np.nan), r"all rows of the predictions are NaN"),
        (ids, faces[::-1], r"no map brings the predictions nearer"),
    ]
    for names, landmarks, message in cases:
        write_submission(invented / "train.npz", names, landmarks)
        with pytest.raises(EvalError, match=message):
            run(invented)
    write_submission(invented / "train.npz", ids, faces)
    with pytest.raises(EvalError, match=r"ridge must be > 0"):
        run(invented, "--ridge", "0")
    assert not (invented / "map.json").exists()


def test_without_a_root_the_command_line_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    parser = argparse.ArgumentParser()
    calibrate_lfpa.add(parser.add_subparsers())
    line = ["calibrate-lfpa", "--predictions", "a.npz", "--output", "b.json"]
    with pytest.raises(SystemExit) as stop:
        calibrate_lfpa.run(parser, parser.parse_args(line))
    assert stop.value.code == 2 and "--root" in capsys.readouterr().err
