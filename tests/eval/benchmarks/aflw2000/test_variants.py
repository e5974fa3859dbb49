"""Named subsets and another yaw."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.aflw2000.data import Aflw2000, load_benchmark
from eval.benchmarks.aflw2000.landmarks import AFLW2000_3D, score
from eval.benchmarks.aflw2000.variants import choose_images, with_yaw
from eval.errors import BenchmarkError
from eval.scoring.metrics import yaw_bins
from eval.scoring.summary import Bootstrap
from eval.submissions.submission import read_submission


@pytest.fixture
def faces(benchmark: Aflw2000) -> Aflw2000:
    """Sixty faces: 30, 20 and 10 to a bin, in mixed order."""
    yaw_deg = np.random.default_rng(0).permutation(np.repeat([0.0, 45.0, -80.0], [30, 20, 10]))
    ids = tuple(f"image{number:05d}" for number in range(60))
    many = benchmark.of([0] * 60, "all")
    return replace(many, ids=ids, yaw_deg=yaw_deg, left_out=())


def test_a_balanced_subset_has_as_many_of_each_bin_as_the_smallest_holds(faces: Aflw2000) -> None:
    part = choose_images(faces, "balanced", seed=3)
    assert np.bincount(yaw_bins(part.yaw_deg)).tolist() == [10, 10, 10]
    assert part.subset == "balanced, 30 faces, seed 3"
    assert sorted((*part.ids, *part.left_out)) == list(faces.ids)
    assert list(part.ids) == sorted(set(part.ids))


def test_the_seed_decides_the_draw(faces: Aflw2000) -> None:
    draws = [choose_images(faces, "balanced", seed).ids for seed in (3, 3, 4)]
    assert draws[0] == draws[1] != draws[2]


def test_all_is_all_and_other_names_are_refused(faces: Aflw2000) -> None:
    assert choose_images(faces, "all") is faces
    with pytest.raises(
        BenchmarkError, match=r"subset must be one of all, 2dasl-1998, within-90, balanced"
    ):
        choose_images(faces, "most")
    with pytest.raises(BenchmarkError, match=r"the benchmark has no image02139, image03862"):
        choose_images(faces, "2dasl-1998")
    with pytest.raises(BenchmarkError, match=r"faces in each yaw bin"):
        choose_images(replace(faces, yaw_deg=np.zeros(60)), "balanced")


def test_2dasl_leaves_out_the_1081st_and_1798th_entry(data_root: Path) -> None:
    faces = load_benchmark(data_root)
    part = choose_images(faces, "2dasl-1998")
    assert part.left_out == (faces.ids[1081], faces.ids[1798])
    assert len(part.ids) == 1998


def test_another_yaw_comes_by_position_or_by_name(faces: Aflw2000, tmp_path: Path) -> None:
    yaw_deg = np.arange(60.0)
    np.save(tmp_path / "yaw.npy", yaw_deg)
    rows = [f"{name},{angle}" for name, angle in zip(faces.ids, yaw_deg, strict=True)]
    (tmp_path / "yaw.csv").write_text("\n".join(["id,yaw_deg", *rows[::-1]]) + "\n")
    (tmp_path / "bare.csv").write_text("\n".join(rows))
    for name in ("yaw.npy", "yaw.csv", "bare.csv"):
        other = with_yaw(faces, tmp_path / name)
        assert other.yaw_deg.tolist() == yaw_deg.tolist()
        assert other.yaw_source.startswith(f"{name}, sha256 ")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("yaw.npy", np.zeros(59), r"must be \(60,\) numbers .* got \(59,\)"),
        ("yaw.npy", np.full(60, np.nan), "holds NaN"),
        ("yaw.npy", np.array([None] * 60), "is not a NumPy array"),
        ("yaw.csv", "image00000,1.0", "must name each face once, got no image00001"),
        ("yaw.csv", "image00000,left", "must hold rows of id,yaw_deg"),
        ("yaw.csv", "a,b,c", "must hold rows of id,yaw_deg"),
    ],
)
def test_a_yaw_file_that_cannot_be_right_is_refused(
    faces: Aflw2000, tmp_path: Path, name: str, content: np.ndarray | str, message: str
) -> None:
    path = tmp_path / name
    if isinstance(content, str):
        path.write_text(content)
    else:
        np.save(path, content, allow_pickle=True)
    with pytest.raises(BenchmarkError, match=message):
        with_yaw(faces, path)


def test_a_doubled_or_absent_yaw_is_refused(faces: Aflw2000, tmp_path: Path) -> None:
    rows = "\n".join(f"{name},0" for name in (*faces.ids, faces.ids[0]))
    (tmp_path / "yaw.csv").write_text(rows)
    with pytest.raises(BenchmarkError, match=r"got an id more than once"):
        with_yaw(faces, tmp_path / "yaw.csv")
    with pytest.raises(BenchmarkError, match=r"cannot read .*none.npy"):
        with_yaw(faces, tmp_path / "none.npy")


def test_within_90_leaves_out_what_lies_beyond(faces: Aflw2000) -> None:
    yaw_deg = faces.yaw_deg.copy()
    yaw_deg[:3] = (90.0, 90.1, -351.0)
    part = choose_images(replace(faces, yaw_deg=yaw_deg), "within-90")
    assert part.ids[0] == faces.ids[0] and part.left_out == faces.ids[1:3]
    assert part.subset == "within-90, 58 faces"


def test_sadrnets_draw_has_no_face_beyond_90_and_needs_every_bin(faces: Aflw2000) -> None:
    yaw_deg = np.where(np.arange(60) < 2, 95.0, faces.yaw_deg)
    part = choose_images(replace(faces, yaw_deg=yaw_deg), "balanced-sadrnet")
    count = int((yaw_deg == -80.0).sum())
    assert np.bincount(yaw_bins(part.yaw_deg)).tolist() == [count] * 3
    assert part.subset == f"balanced-sadrnet, {3 * count} faces" and part.yaw_deg.max() < 90
    with pytest.raises(BenchmarkError, match="needs faces in each yaw bin"):
        choose_images(replace(faces, yaw_deg=np.zeros(60)), "balanced-sadrnet")


@pytest.mark.parametrize(("name", "percent"), [("2dasl_released", 3.629), ("3ddfa_v2_mb05", 3.734)])
def test_sadrnets_draw_gives_what_its_own_code_gives(
    data_root: Path, name: str, percent: float
) -> None:
    part = choose_images(load_benchmark(data_root), "balanced-sadrnet")
    assert len(part.ids) == 3 * 298
    submission = read_submission(data_root / "submissions" / f"{name}.npz")
    result = score(AFLW2000_3D, part, submission, bootstrap=Bootstrap(draws=100))
    assert 100 * result.headline.mean_of_bins == pytest.approx(percent, abs=5e-4)
