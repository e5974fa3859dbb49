"""How long a score may take."""

import time
from pathlib import Path

import numpy as np
import pytest

from eval.__main__ import main
from eval.submissions.submission import read_submission, write_submission


def test_two_thousand_faces_and_ten_thousand_draws_take_at_most_five_seconds(
    invented_root: Path, invented_submission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = read_submission(invented_submission)
    noise = np.random.default_rng(0).normal(size=(2000, 68, 3))
    moved = invented_root / "moved.npz"
    write_submission(moved, given.ids, given.landmarks + noise, {"method": "moved"})
    record = invented_root / "r.json"
    arguments = ["score", "aflw2000-3d", str(moved), "--root", str(invented_root)]
    start = time.perf_counter()
    assert main([*arguments, "--json", str(record)]) == 0
    assert time.perf_counter() - start <= 5.0
    assert '"draws": 10000' in record.read_text()
    assert "2,000 of 2,000 scored" in capsys.readouterr().out
