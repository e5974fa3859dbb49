"""AFLW's 21 points on invented files, against 3DDFA's arithmetic written out."""

import functools
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks import scorer
from eval.benchmarks.aflw21 import landmarks as aflw21
from eval.benchmarks.aflw21.data import load_faces
from eval.benchmarks.aflw21.landmarks import FROM_68, points21, score
from eval.errors import BenchmarkError
from eval.scoring.summary import Bootstrap
from eval.submissions.submission import Submission, write_submission

COUNT = 9
FEW = Bootstrap(draws=20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    generator = np.random.default_rng(0)
    points68 = generator.uniform(20, 120, size=(COUNT, 2, 68))
    points21_ = generator.uniform(20, 120, size=(COUNT, 2, 21))
    points21_[:, :, 4] = -1.0
    points21_[2, 0, 7] = -1.0  # either coordinate is enough
    np.save(tmp_path / "AFLW_GT_pts68.npy", points68)
    np.save(tmp_path / "AFLW_GT_pts21.npy", points21_)
    np.save(tmp_path / "AFLW_GT_crop_yaws.npy", np.tile([10.0, -45.0, 80.0], 3))
    names = "".join(f"flickr/0/image{number:05d}.jpg\n" for number in range(COUNT))
    (tmp_path / "AFLW_GT_crop.list").write_text(names)
    return tmp_path


def predictions() -> np.ndarray:
    return np.random.default_rng(1).uniform(20, 120, size=(COUNT, 68, 3))


def by_hand(folder: Path, predicted: np.ndarray) -> list[float]:
    """As 3DDFA's benchmark_aflw.py, one face at a time."""
    pseudo, truth = (np.load(folder / f"AFLW_GT_pts{n}.npy") for n in (68, 21))
    found = []
    for face, box, points in zip(predicted, pseudo, truth, strict=True):
        made = np.stack([face[[n - 1 for n in group], :2].mean(axis=0) for group in FROM_68], 1)
        size = np.sqrt(np.prod(box.max(axis=1) - box.min(axis=1)))
        valid = (points[0] != -1) & (points[1] != -1)
        away = np.sqrt(((made - points)[:, valid] ** 2).sum(axis=0))
        found.append(away.mean() / size)
    return found


def test_the_21_points_and_the_error_are_3ddfas(folder: Path) -> None:
    faces, predicted = load_faces(folder, image_count=COUNT), predictions()
    assert len(FROM_68) == 21 and points21(predicted).shape == (COUNT, 21, 2)
    np.testing.assert_allclose(points21(predicted)[:, 0], predicted[:, 17, :2])
    np.testing.assert_allclose(points21(predicted)[:, 7], predicted[:, 36:42, :2].mean(axis=1))
    result = score(faces, Submission(faces.ids, predicted, {}), bootstrap=FEW)
    errors = by_hand(folder, predicted)
    assert list(result.headline.per_image.values()) == pytest.approx(errors)
    bins = [np.mean(errors[start::3]) for start in range(3)]
    assert result.headline.mean_of_bins == pytest.approx(np.mean(bins))
    assert np.isnan(result.headline.per_point[4])  # annotated nowhere


def test_a_failed_face_and_the_command_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aflw21, "load_faces", functools.partial(load_faces, image_count=COUNT))
    faces, predicted = load_faces(folder, image_count=COUNT), predictions()
    predicted[4] = np.nan
    write_submission(folder / "mine.npz", faces.ids, predicted)
    result = scorer.score("aflw-21", folder / "mine.npz", root=folder, threshold=(7, 8))
    assert result.failed_ids == ("image00004",)
    assert [part.threshold for part in result.headline.thresholds] == pytest.approx([0.07, 0.08])


def test_wrong_files_are_refused_by_name(folder: Path) -> None:
    with pytest.raises(BenchmarkError, match="must name 21,080 faces, each once, got 9"):
        load_faces(folder)
    with pytest.raises(BenchmarkError, match=r"lacks AFLW_GT_pts21\.npy"):
        load_faces(folder.parent, image_count=COUNT)
    points = np.load(folder / "AFLW_GT_pts21.npy")
    points[3] = -1.0
    np.save(folder / "AFLW_GT_pts21.npy", points)
    with pytest.raises(BenchmarkError, match=r"no annotated point for 1 faces \(image00003\)"):
        load_faces(folder, image_count=COUNT)
    np.save(folder / "AFLW_GT_pts21.npy", points[:, :, :20])
    with pytest.raises(BenchmarkError, match=r"must be \(9, 2 or 3, 21\)"):
        load_faces(folder, image_count=COUNT)
    (folder / "AFLW_GT_crop.list").unlink()
    with pytest.raises(BenchmarkError, match="names the faces"):
        load_faces(folder, image_count=COUNT)
