"""A stranger's file through the command line: a clear rejection or a correct score."""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from eval.__main__ import main
from eval.benchmarks.aflw2000 import landmarks as aflw2000
from eval.benchmarks.aflw2000.data import Aflw2000, literature_crops
from tests.eval.damage import damaged

pytestmark = pytest.mark.long

FACES = 30
DAMAGES = 500
# A rejection says what was expected; each message of the reader has one of these words.
EXPECTATION = re.compile(r"must|wanted|are missing from|nothing to score")


@dataclass
class Outcome:
    """What one run of the command line gave: its status, its message, its 2D score."""

    status: int
    message: str
    mean_of_bins: float


class World:
    """A small benchmark in place of the real one, and the command line on it."""

    def __init__(self, folder: Path, captured: pytest.CaptureFixture[str]) -> None:
        generator = np.random.default_rng(1)
        points = generator.uniform(100.0, 200.0, size=(FACES, 68, 3))
        points[:, 0, :2], points[:, 1, :2] = 100.0, 200.0  # boxes of 100 x 100
        ids = tuple(f"image{number:05d}" for number in range(FACES))
        photos = tuple(Path(f"{name}.jpg") for name in ids)
        yaw_deg = np.arange(FACES) % 3 * 35.0
        crops = literature_crops(points)
        self.faces = Aflw2000(ids, photos, points, yaw_deg, crops, "invented", "invented")
        self._folder, self._captured = folder, captured

    def members(self, points: np.ndarray) -> dict[str, np.ndarray]:
        """A good submission of these points."""
        meta = np.array(json.dumps({"method": "invented"}))
        ids = np.array(self.faces.ids)
        return {"ids": ids, "landmarks": points.astype(np.float32), "meta": meta}

    def score(self, content: bytes) -> Outcome:
        """Run `eval score` on a file of this content."""
        submission, record = self._folder / "s.npz", self._folder / "r.json"
        submission.write_bytes(content)
        record.unlink(missing_ok=True)
        arguments = ["score", "aflw2000-3d", str(submission), "--root", str(self._folder)]
        status = main([*arguments, "--json", str(record)])
        message = self._captured.readouterr().err
        score = math.nan
        if status == 0:
            headline = json.loads(record.read_text())["scores"][0]["mean_of_bins"]
            score = math.nan if headline is None else headline
        return Outcome(status, message, score)

    def true_score(self) -> float:
        """Mean of bins of the last file, worked with NumPy's reader and plain loops."""
        with np.load(self._folder / "s.npz", allow_pickle=False) as archive:
            points = dict(zip(archive["ids"].tolist(), archive["landmarks"], strict=True))
        bins: dict[float, list[float]] = {0.0: [], 35.0: [], 70.0: []}
        assert points.keys() == set(self.faces.ids)
        truth = zip(self.faces.ids, self.faces.landmarks68, self.faces.yaw_deg, strict=True)
        for name, expected, yaw in truth:
            found = np.asarray(points[name], dtype=np.float64)
            assert np.isnan(found).all() or (np.abs(found) <= 1e5).all(), "had to be refused"
            pairs = zip(found.tolist(), expected.tolist(), strict=True)
            errors = [math.dist(ours[:2], theirs[:2]) for ours, theirs in pairs]
            if not math.isnan(sum(errors)):
                bins[float(yaw)].append(sum(errors) / 68 / 100.0)
        means = [sum(part) / len(part) if part else math.nan for part in bins.values()]
        return sum(means) / 3


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    world = World(tmp_path, capsys)
    monkeypatch.setattr(aflw2000, "load_variant", lambda *_, **__: world.faces)
    return world


def saved(world: World, points: np.ndarray) -> bytes:
    path = world._folder / "good.npz"
    np.savez(path, allow_pickle=False, **world.members(points))
    return path.read_bytes()


def test_every_damaged_submission_is_rejected_clearly_or_scored_correctly(world: World) -> None:
    good = world.members(world.faces.landmarks68 + 2.0)
    rejected, scored, wrong = 0, 0, []
    for number in range(DAMAGES):
        name, content = damaged(good, number)
        try:
            outcome = world.score(content)
            if outcome.status == 0:
                scored += 1
                expected = world.true_score()
                fine = outcome.mean_of_bins == pytest.approx(expected, rel=1e-6, nan_ok=True)
            else:
                rejected += 1
                text = outcome.message
                fine = outcome.status == 1 and text.startswith("error: ") and "\x1b" not in text
                fine = fine and EXPECTATION.search(text) is not None and text.count("\n") == 1
        except Exception as error:  # a traceback is what must not happen
            fine, outcome = False, Outcome(-1, repr(error), math.nan)
        if not fine:
            wrong.append((number, name, outcome))
    assert wrong == []
    assert rejected + scored == DAMAGES
    assert rejected > 200 and scored > 50  # the damages do reach both ends


def test_the_independent_scorer_would_notice_a_wrong_score(world: World) -> None:
    outcome = world.score(saved(world, world.faces.landmarks68 + 2.0))
    assert outcome.mean_of_bins == pytest.approx(math.sqrt(8) / 100, rel=1e-5)
    assert world.true_score() == pytest.approx(math.sqrt(8) / 100, rel=1e-5)


def test_a_perfect_submission_scores_zero(world: World) -> None:
    outcome = world.score(saved(world, world.faces.landmarks68))
    assert outcome.mean_of_bins == pytest.approx(0.0, abs=1e-7)  # float32 in the file


def test_a_shift_of_one_pixel_scores_one_over_the_box(world: World) -> None:
    outcome = world.score(saved(world, world.faces.landmarks68 + np.array([1.0, 0.0, 0.0])))
    assert outcome.mean_of_bins == pytest.approx(1 / 100, rel=1e-5)


def test_a_mirrored_submission_warns_and_scores_worse(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    points = world.faces.landmarks68.copy()
    points[..., 0] = 451.0 - points[..., 0]
    (world._folder / "m.npz").write_bytes(saved(world, points))
    arguments = ["score", "aflw2000-3d", str(world._folder / "m.npz"), "--root", "."]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "mirrored" in next(line for line in text.splitlines() if line.startswith("warning"))
    assert world.score(saved(world, points)).mean_of_bins > 0.3
