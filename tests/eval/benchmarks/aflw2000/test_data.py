"""Reading the benchmark's folder: mats, helper arrays, and what may be wrong with them."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from eval.benchmarks.aflw2000.data import load_benchmark
from eval.errors import BenchmarkError
from tests.eval.untrusted.test_mat import write_v73


def write_face(folder: Path, number: int, yaw_rad: float = 0.5) -> np.ndarray:
    """An invented face as the official pair of files; returns its (68, 3) points."""
    points = np.random.default_rng(number).uniform(50, 350, size=(3, 68)).astype(np.float32)
    pose = np.array([[0.1, yaw_rad, -0.2, 0, 0, 0, 1e-3]], dtype=np.float32)
    fields = {"pt3d_68": points, "Pose_Para": pose, "pt2d": np.zeros((2, 23))}
    savemat(folder / f"image{number:05d}.mat", fields)
    (folder / f"image{number:05d}.jpg").touch()
    return points.T


def test_mat_files_alone_are_enough(tmp_path: Path) -> None:
    first, second = write_face(tmp_path, 7, -1.0), write_face(tmp_path, 2, 0.5)
    faces = load_benchmark(tmp_path, image_count=2)
    assert faces.ids == ("image00002", "image00007")
    assert faces.landmarks68 == pytest.approx(np.stack([second, first]))
    assert faces.yaw_deg == pytest.approx(np.degrees([0.5, -1.0]))
    assert faces.landmark_source == "pt3d_68 of each .mat"
    assert faces.image_paths[0] == tmp_path / "image00002.jpg"


def test_mats_of_version_7_3_are_read_as_the_others(tmp_path: Path) -> None:
    points = write_face(tmp_path, 7, 0.5)
    fields = loadmat(tmp_path / "image00007.mat")
    wanted = {name: fields[name] for name in ("pt3d_68", "Pose_Para", "pt2d")}
    write_v73(tmp_path / "image00007.mat", wanted)
    faces = load_benchmark(tmp_path, image_count=1)
    assert (faces.landmarks68[0] == points).all()
    assert faces.yaw_deg == pytest.approx([np.degrees(0.5)])


def test_a_part_of_the_faces_remembers_the_others(tmp_path: Path) -> None:
    for number in range(4):
        write_face(tmp_path, number, number / 10)
    faces = load_benchmark(tmp_path, image_count=4)
    part = faces.of([3, 1], "mine")
    assert part.ids == ("image00003", "image00001") and part.subset == "mine"
    assert part.left_out == ("image00000", "image00002")
    assert (part.landmarks68 == faces.landmarks68[[3, 1]]).all()
    assert part.yaw_deg == pytest.approx(np.degrees([0.3, 0.1]))
    assert part.image_paths[0].stem == "image00003"
    assert (part.benchmark_crops == faces.benchmark_crops[[3, 1]]).all()


def test_arrays_override_the_mats_in_the_order_of_the_list(tmp_path: Path) -> None:
    folder = tmp_path / "aflw2000_3d"
    folder.mkdir()
    write_face(folder, 2), write_face(folder, 7)
    points = np.random.default_rng(0).uniform(50, 350, size=(2, 3, 68))
    (folder / "list.txt").write_text("image00007.jpg\nimage00002.jpg\n")
    np.save(folder / "pts68.npy", points)
    np.save(folder / "yaw.npy", np.array([10.0, -70.0]))
    np.save(folder / "roi_box.npy", np.array([[1, 2, 11, 12], [3, 4, 23, 24]]))
    faces = load_benchmark(tmp_path, image_count=2)
    assert faces.ids == ("image00007", "image00002")
    assert (faces.landmarks68 == points.transpose(0, 2, 1)).all()
    assert faces.yaw_deg.tolist() == [10.0, -70.0]
    assert (faces.landmark_source, faces.yaw_source) == ("pts68.npy", "yaw.npy")
    assert faces.benchmark_crops.tolist() == [[1, 2, 11, 12], [3, 4, 23, 24]]


def test_a_crop_is_the_rounded_square_around_the_points(tmp_path: Path) -> None:
    points = np.full((3, 68), 200.0)
    points[:2, 0], points[:2, 1] = (100.0, 150.0), (300.0, 250.0)  # 200 wide, 100 high
    savemat(tmp_path / "image00001.mat", {"pt3d_68": points, "Pose_Para": np.zeros((1, 7))})
    (tmp_path / "image00001.jpg").touch()
    crops = load_benchmark(tmp_path, image_count=1).benchmark_crops
    # Centre (200, 200), side 282.84: corner round(58.58) = 59, side round(282.84) = 283.
    assert crops.tolist() == [[59.0, 59.0, 342.0, 342.0]]


def test_a_folder_without_the_benchmark_says_what_was_wanted(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"holds neither image.*mat nor list.txt.*--root"):
        load_benchmark(tmp_path)
    with pytest.raises(BenchmarkError, match=r"is not a folder"):
        load_benchmark(tmp_path / "nowhere")


def test_no_root_at_all_names_both_ways_to_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    with pytest.raises(BenchmarkError, match=r"--root.*DASL_DATA_ROOT"):
        load_benchmark()


def test_a_partial_folder_names_the_first_missing_files(tmp_path: Path) -> None:
    for number in range(5):
        write_face(tmp_path, number)
    with pytest.raises(BenchmarkError, match=r"holds 5 faces, wanted 2000"):
        load_benchmark(tmp_path)
    (tmp_path / "image00001.jpg").unlink()
    with pytest.raises(BenchmarkError, match=r"lacks 1 photos \(image00001.jpg\)"):
        load_benchmark(tmp_path, image_count=5)
    (tmp_path / "image00001.jpg").touch()
    (tmp_path / "image00003.mat").unlink()
    with pytest.raises(BenchmarkError, match=r"no file .*image00003.mat"):
        load_benchmark(tmp_path, image_count=5)


def test_a_mat_of_the_wrong_kind_says_so(tmp_path: Path) -> None:
    write_face(tmp_path, 1)
    savemat(tmp_path / "image00001.mat", {"other": np.zeros(3)})
    with pytest.raises(BenchmarkError, match=r"has no field pt3d_68"):
        load_benchmark(tmp_path, image_count=1)
    savemat(tmp_path / "image00001.mat", {"pt3d_68": np.zeros((3, 21))})
    with pytest.raises(BenchmarkError, match=r"must be \(3, 68\) numbers, got \(3, 21\)"):
        load_benchmark(tmp_path, image_count=1)
    for damage in (b"", b"not a mat file at all", b"\0" * 200):
        (tmp_path / "image00001.mat").write_bytes(damage)
        with pytest.raises(BenchmarkError, match=r"image00001.mat"):
            load_benchmark(tmp_path, image_count=1)


def test_helper_arrays_that_cannot_be_right_are_refused(tmp_path: Path) -> None:
    write_face(tmp_path, 1)
    np.save(tmp_path / "yaw.npy", np.zeros(1))
    with pytest.raises(BenchmarkError, match=r"needs list.txt"):
        load_benchmark(tmp_path, image_count=1)
    (tmp_path / "list.txt").write_text("image00001.jpg")
    np.save(tmp_path / "yaw.npy", np.zeros(3))
    with pytest.raises(BenchmarkError, match=r"yaw.npy must be \(1,\) numbers, got \(3,\)"):
        load_benchmark(tmp_path, image_count=1)
    np.save(tmp_path / "yaw.npy", np.array([np.nan]))
    with pytest.raises(BenchmarkError, match=r"holds NaN"):
        load_benchmark(tmp_path, image_count=1)


def test_a_list_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("../secret.jpg")
    with pytest.raises(BenchmarkError, match=r"list.txt must hold file names"):
        load_benchmark(tmp_path, image_count=1)


def test_the_reannotated_board_says_which_file_it_lacks(tmp_path: Path) -> None:
    write_face(tmp_path, 1)
    with pytest.raises(BenchmarkError, match=r"has no reannotated_pts68.npy"):
        load_benchmark(tmp_path, reannotated=True, image_count=1)
