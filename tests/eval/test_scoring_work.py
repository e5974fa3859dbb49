"""How much work a score takes, counted: on every machine the same."""

import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from eval.__main__ import main
from eval.benchmarks.aflw2000 import data
from eval.benchmarks.aflw2000.data import Aflw2000, literature_crops
from eval.benchmarks.aflw2000.landmarks import AFLW2000_3D, score
from eval.submissions.submission import Submission, read_submission, write_submission


def invented_faces(count: int) -> Aflw2000:
    points = np.random.default_rng(3).uniform(100.0, 200.0, size=(count, 68, 3))
    ids = tuple(f"image{number:05d}" for number in range(count))
    photos = tuple(Path(f"{name}.jpg") for name in ids)
    yaw_deg = np.arange(count) % 3 * 40.0
    return Aflw2000(ids, photos, points, yaw_deg, literature_crops(points), "invented", "invented")


def calls_to_score(faces: Aflw2000) -> int:
    """Functions of Python and of C that a score calls."""
    submission = Submission(faces.ids, faces.landmarks68 + 1.0, {})
    calls = 0

    def count(_: FrameType, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        score(AFLW2000_3D, faces, submission)
    finally:
        sys.setprofile(before)
    return calls


def test_no_function_is_called_face_by_face() -> None:
    calls_to_score(invented_faces(30))  # what only the first score does, such as imports
    once, twice = (calls_to_score(invented_faces(count)) for count in (1000, 2000))
    assert once > 0
    assert abs(twice - once) < 1000  # less than a call for each further face


def test_two_thousand_faces_and_ten_thousand_draws_read_each_file_once(
    invented_root: Path,
    invented_submission: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = read_submission(invented_submission)
    noise = np.random.default_rng(0).normal(size=(2000, 68, 3))
    moved = invented_root / "moved.npz"
    write_submission(moved, given.ids, given.landmarks + noise, {"method": "moved"})
    record = invented_root / "r.json"
    arguments = ["score", "aflw2000-3d", str(moved), "--root", str(invented_root)]
    reads: Counter[str] = Counter()
    read_npy, read_mat_fields = data.read_npy, data.read_mat_fields
    monkeypatch.setattr(data, "read_npy", lambda p, r: reads.update([p.name]) or read_npy(p, r))
    monkeypatch.setattr(
        data, "read_mat_fields", lambda p, f: reads.update([p.name]) or read_mat_fields(p, f)
    )
    assert main([*arguments, "--json", str(record)]) == 0
    assert reads == {"pts68.npy": 1, "yaw.npy": 1}
    assert '"draws": 10000' in record.read_text()
    assert "2,000 of 2,000 scored" in capsys.readouterr().out
