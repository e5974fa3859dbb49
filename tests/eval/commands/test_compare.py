"""`eval compare`: submissions, records, and one of each."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.scorer import score
from eval.commands import compare
from eval.errors import ComparisonError, RecordError, SubmissionError
from eval.leaderboard.files import save_record
from eval.submissions.submission import read_submission, write_submission


@pytest.fixture
def worse(invented_root: Path, invented_submission: Path) -> Path:
    """The truth moved by a pixel or so, two faces failed."""
    given = read_submission(invented_submission)
    assert given.landmarks is not None
    points = given.landmarks + np.random.default_rng(0).normal(size=given.landmarks.shape)
    points[:2] = np.nan
    path = invented_root / "worse.npz"
    write_submission(path, given.ids, points, {"method": "worse"})
    return path


def compared(*words: object) -> str:
    """What the command prints for a command line."""
    parser = argparse.ArgumentParser()
    compare.add(parser.add_subparsers())
    return compare.run(parser, parser.parse_args(["compare", *map(str, words)]))


def record_of(submission: Path, **choices: object) -> Path:
    """Score a submission on the original board and save its record beside it."""
    path = submission.with_suffix(".json")
    save_record(path, score("aflw2000-3d", submission, root=submission.parent, **choices))
    return path


def test_two_submissions_are_scored_and_compared(
    invented_root: Path, invented_submission: Path, worse: Path
) -> None:
    text = compared("aflw2000-3d", worse, invented_submission, "--root", invented_root)
    assert "1,998 of 2,000 images compared" in text and "A  worse\nB  truth" in text
    assert "A failed on 2 (image00000, image00001)" in text
    assert "B on 1,998, equal on 0" in text and "B is better by" in text
    assert "2D, B - A in percentage points" in text and "3D, z mean, B - A" in text


def test_two_records_need_no_data_and_say_the_same(
    invented_root: Path,
    invented_submission: Path,
    worse: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scored = compared("aflw2000-3d", worse, invented_submission, "--root", invented_root)
    records = record_of(worse), record_of(invented_submission)
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    assert compared("aflw2000-3d", *records) == scored


def test_a_submission_equals_its_own_record(invented_root: Path, worse: Path) -> None:
    text = compared("aflw2000-3d", worse, record_of(worse), "--root", invented_root)
    assert "A on" not in text and "equal on 1,998; p = 1" in text
    assert "A and B have the same mean of bins" in text


def test_a_record_scored_in_another_way_is_refused(invented_root: Path, worse: Path) -> None:
    record = record_of(worse, z_rule="min")
    with pytest.raises(ComparisonError, match=r"z_rule must be the same, got mean for worse"):
        compared("aflw2000-3d", worse, record, "--root", invented_root)
    text = compared("aflw2000-3d", worse, record, "--root", invented_root, "--z-rule", "min")
    assert "3D, z min" in text


def test_a_record_of_another_benchmark_is_refused(worse: Path) -> None:
    record = record_of(worse)
    with pytest.raises(ComparisonError, match=r"must be a record of aflw2000-3d-reannotated, got"):
        compared("aflw2000-3d-reannotated", record, record)


def test_missing_files_say_so(invented_root: Path, worse: Path) -> None:
    with pytest.raises(SubmissionError, match=r"no file"):
        compared("aflw2000-3d", worse, invented_root / "gone.npz", "--root", invented_root)
    with pytest.raises(RecordError, match=r"cannot read .*gone.json"):
        compared("aflw2000-3d", worse, invented_root / "gone.json", "--root", invented_root)


def test_submissions_without_data_are_a_wrong_command_line(
    worse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    with pytest.raises(SystemExit) as stop:
        compared("aflw2000-3d", worse, worse)
    assert stop.value.code == 2
