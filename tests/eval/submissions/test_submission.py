"""Submissions: the round trip, and each way in which their members can be wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.benchmarks.aflw2000.data import Aflw2000
from eval.errors import SubmissionError
from eval.submissions.submission import MEMBER_LIMITS, Submission, read_submission, write_submission
from tests.eval.array_rows import ArrayRows

IDS = np.array(["a", "b", "c"])
POINTS = np.arange(3 * 68 * 3, dtype=np.float32).reshape(3, 68, 3)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    points = POINTS.copy()
    points[1] = np.nan
    write_submission(tmp_path / "s.npz", list(IDS), points, {"method": "mine"})
    read = read_submission(tmp_path / "s.npz")
    assert read.ids == ("a", "b", "c") and read.meta == {"method": "mine"}
    assert np.array_equal(read.landmarks, points, equal_nan=True)
    assert len(read.sha256) == 64
    assert [path.name for path in tmp_path.iterdir()] == ["s.npz"]


def test_pose_vertices_and_triangles_are_read_back(tmp_path: Path) -> None:
    meshes = np.random.default_rng(0).normal(size=(3, 7, 3)).astype(np.float32)
    meshes[1] = np.nan
    pose, triangles = np.arange(9.0).reshape(3, 3), np.array([[0, 1, 2], [4, 5, 6]])
    write_submission(
        tmp_path / "s.npz",
        list(IDS),
        None,
        pose_deg=pose,
        vertices=ArrayRows(meshes),
        triangles=triangles,
    )
    read = read_submission(tmp_path / "s.npz")
    assert read.landmarks is None and read.vertices is not None and read.triangles is not None
    assert (read.pose_in_order(["c", "a"], left_out=["b"]) == pose[[2, 0]]).all()
    assert read.vertices.shape == (3, 7, 3)
    for _ in range(2):  # it can be gone through again
        parts = list(read.vertices.chunks(2))
        assert [len(part) for part in parts] == [2, 1]
        assert np.array_equal(np.concatenate(parts), meshes, equal_nan=True)
    assert (read.triangles == triangles).all()
    assert set(np.load(tmp_path / "s.npz").files) == {
        "ids",
        "pose_deg",
        "triangles",
        "vertices",
        "meta",
    }
    with pytest.raises(SubmissionError, match=r"has no landmarks, which this benchmark scores"):
        read.in_order(["a", "b", "c"])


def test_vertices_written_by_numpy_are_read(tmp_path: Path) -> None:
    meshes = np.random.default_rng(0).normal(size=(3, 7, 3))
    np.savez_compressed(tmp_path / "s.npz", ids=IDS, vertices=meshes)
    vertices = read_submission(tmp_path / "s.npz").vertices
    assert vertices is not None and (np.concatenate(list(vertices.chunks(5))) == meshes).all()


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"pose_deg": np.zeros((3, 2))}, r"pose_deg must be \(N, 3\), got \(3, 2\)"),
        ({"pose_deg": np.zeros((3, 3), int)}, "pose_deg must be floats, got int64"),
        ({"pose_deg": np.full((3, 3), 1e9)}, "pose_deg is beyond 3600 degrees in 3 rows"),
        ({"pose_deg": np.zeros((2, 3))}, "got 3 ids and 2 rows"),
        ({"vertices": np.zeros((3, 7, 2))}, r"vertices must be \(N, V, 3\), got \(3, 7, 2\)"),
        ({"vertices": np.zeros((3, 7, 3), int)}, "must be floats in C order .* of int64"),
        ({"vertices": np.zeros((3, 7, 3)).T.copy().T}, "of float64, by columns"),
        ({"vertices": np.zeros((3, 0, 3))}, "rows of at most"),
        ({"vertices": np.float64(1.0)}, "rows of at most"),
        ({"vertices": np.zeros((2, 7, 3))}, "ids and vertices must have the same length"),
        ({"vertices": np.zeros((1, 3_000_000, 3))}, r"rows of at most 67,108,864 bytes"),
    ],
)
def test_a_wrong_pose_or_mesh_is_refused(
    tmp_path: Path, members: dict[str, Any], message: str
) -> None:
    np.savez_compressed(tmp_path / "s.npz", ids=IDS, **members)
    with pytest.raises(SubmissionError, match=message):
        read_submission(tmp_path / "s.npz")


@pytest.mark.parametrize(
    ("triangles", "message"),
    [
        (np.array([[1, 2, 7]]), "must name vertices 0 to 6, got 1 to 7"),
        (np.zeros((0, 3), int), "must name vertices 0 to 6, got none"),
        (np.zeros((2, 4), int), r"must be \(T, 3\) integers, got \(2, 4\)"),
        (np.zeros((2, 3)), "integers, got .* of float64"),
    ],
)
def test_wrong_triangles_are_refused(tmp_path: Path, triangles: np.ndarray, message: str) -> None:
    np.savez(tmp_path / "s.npz", ids=IDS, vertices=np.zeros((3, 7, 3)), triangles=triangles)
    with pytest.raises(SubmissionError, match=message):
        read_submission(tmp_path / "s.npz")


def test_vertices_above_the_limit_are_refused_by_what_the_zip_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MEMBER_LIMITS, "vertices", 1000)
    np.savez_compressed(tmp_path / "s.npz", ids=IDS, vertices=np.zeros((3, 50, 3)))
    with pytest.raises(SubmissionError, match=r"vertices in s.npz unpacks to 3,728 bytes"):
        read_submission(tmp_path / "s.npz")


def test_vertices_damaged_behind_their_header_are_refused_while_they_pass(tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    np.savez(path, ids=IDS, vertices=np.zeros((3, 5000, 3)))
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 255
    path.write_bytes(whole)
    vertices = read_submission(path).vertices
    assert vertices is not None
    with pytest.raises(SubmissionError, match=r"vertices in s.npz must be a plain array.*CRC"):
        list(vertices.chunks(1))


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.npz"
    write_submission(path, list(IDS), POINTS)
    before = path.read_bytes()

    def full_disk(stream: Any, *_: Any, **__: Any) -> None:
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full_disk)
    with pytest.raises(SubmissionError, match=r"cannot write .*No space left"):
        write_submission(path, list(IDS), POINTS + 1)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["s.npz"]


def test_the_writer_refuses_what_the_reader_would(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"\(N, 68, 3\), got \(3, 68, 2\)"):
        write_submission(tmp_path / "s.npz", list(IDS), POINTS[..., :2])
    with pytest.raises(SubmissionError, match=r"meta must be JSON-able"):
        write_submission(tmp_path / "s.npz", list(IDS), POINTS, {"method": object()})
    with pytest.raises(SubmissionError, match=r"cannot write"):
        write_submission(tmp_path / "no" / "s.npz", list(IDS), POINTS)
    assert not list(tmp_path.iterdir())


def spoiled(row: Any, value: float) -> np.ndarray:
    points = POINTS.copy()
    points[row] = value
    return points


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"landmarks": POINTS}, "must hold ids, got landmarks"),
        ({"ids": IDS}, "must hold landmarks, pose_deg or vertices beside ids, got none"),
        ({"ids": IDS, "landmarks": POINTS.reshape(3, -1)}, r"got \(3, 204\)"),
        ({"ids": IDS, "landmarks": POINTS.transpose(0, 2, 1)}, r"got \(3, 3, 68\)"),
        ({"ids": IDS, "landmarks": POINTS.astype(int)}, "must be floats, got int64"),
        ({"ids": IDS, "landmarks": POINTS.astype(complex)}, "must be floats, got complex128"),
        ({"ids": IDS[:2], "landmarks": POINTS}, "got 2 ids and 3 rows"),
        ({"ids": IDS[:0], "landmarks": POINTS[:0]}, "at least one row, got 0 ids"),
        ({"ids": np.array(["a", "b", "a"]), "landmarks": POINTS}, r"more than once \(a\)"),
        ({"ids": np.arange(3), "landmarks": POINTS}, "ids must be .* strings, got .* int64"),
        ({"ids": IDS.astype("S"), "landmarks": POINTS}, "strings, got .* of |S1"),
        ({"ids": IDS, "landmarks": spoiled((1, 5, 2), np.nan)}, r"partly NaN in 1 rows \(b\)"),
        ({"ids": IDS, "landmarks": spoiled((2, 5), -np.inf)}, r"infinite in 1 rows \(c\)"),
        ({"ids": IDS, "landmarks": spoiled((0, 0, 0), 1e9)}, r"beyond 100000 pixels .*\(a\)"),
        ({"ids": IDS, "landmarks": POINTS, "meta": "{"}, "meta must hold JSON, got text"),
        ({"ids": IDS, "landmarks": POINTS, "meta": "[1]"}, "JSON object, got list"),
        ({"ids": IDS, "landmarks": POINTS, "meta": 3}, "meta must be one string, got"),
        ({"ids": IDS, "landmarks": POINTS, "meta": "[" * 9999}, "meta must hold JSON"),
    ],
)
def test_each_wrong_member_is_refused_by_name(
    tmp_path: Path, members: dict[str, Any], message: str
) -> None:
    np.savez(tmp_path / "s.npz", **members)
    with pytest.raises(SubmissionError, match=message):
        read_submission(tmp_path / "s.npz")


def test_missing_and_unknown_ids_are_named(benchmark: Aflw2000) -> None:
    landmarks = benchmark.landmarks68
    fewer = Submission(benchmark.ids[:4], landmarks[:4], {})
    with pytest.raises(
        SubmissionError, match=r"2 of 6 images are missing from ids \(image00004, image00005\)"
    ):
        fewer.in_order(benchmark.ids)
    other = Submission((*benchmark.ids[:5], "image9.jpg\x1b"), landmarks, {})
    with pytest.raises(SubmissionError, match=r"does not have \(image9.jpg\?\).*image00000"):
        other.in_order(benchmark.ids)
