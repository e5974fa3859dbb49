"""Reading MATLAB files of both kinds, and files that only look like them."""

import struct
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from eval.errors import BenchmarkError, MatError
from eval.untrusted.mat import read_mat_fields

POINTS = np.arange(12.0).reshape(3, 4)


def write_v73(path: Path, fields: dict[str, np.ndarray]) -> Path:
    """A v7.3 file as MATLAB writes it: a 512-byte header, axes reversed."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in fields.items():
            file.create_dataset(name, data=array.T)
    header = b"MATLAB 7.3 MAT-file, Platform: invented".ljust(124) + struct.pack(
        "<H2s", 0x200, b"IM"
    )
    with path.open("r+b") as stream:
        stream.write(header)
    return path


def test_both_kinds_give_the_same_arrays(tmp_path: Path) -> None:
    fields = {"pt3d_68": POINTS, "Pose_Para": np.array([[1.0, 2.0]], dtype=np.float32)}
    savemat(tmp_path / "old.mat", fields)
    write_v73(tmp_path / "new.mat", fields)
    for name in ("old.mat", "new.mat"):
        read = read_mat_fields(tmp_path / name, ["pt3d_68", "Pose_Para"], optional=["roi"])
        assert set(read) == {"pt3d_68", "Pose_Para"}
        assert (read["pt3d_68"] == POINTS).all()
        assert read["Pose_Para"].shape == (1, 2)


def test_fields_that_are_not_asked_for_may_be_anything(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"x": POINTS, "pt2d": np.zeros((2, 23)), "odd": {"a": "text"}})
    assert (read_mat_fields(tmp_path / "a.mat", ["x"])["x"] == POINTS).all()


def test_a_missing_file_and_a_missing_field_are_named(tmp_path: Path) -> None:
    with pytest.raises(MatError, match=r"no file .*a.mat"):
        read_mat_fields(tmp_path / "a.mat", ["x"])
    savemat(tmp_path / "a.mat", {"y": POINTS})
    with pytest.raises(MatError, match=r"a.mat has no field x, z"):
        read_mat_fields(tmp_path / "a.mat", ["x", "z"])
    write_v73(tmp_path / "b.mat", {"y": POINTS})
    with pytest.raises(MatError, match=r"b.mat has no field x"):
        read_mat_fields(tmp_path / "b.mat", ["x"])


@pytest.mark.parametrize("value", ["text", {"a": 1.0}, np.array(["a", 1.0], dtype=object)])
def test_a_field_that_is_no_array_of_numbers_is_refused(tmp_path: Path, value: object) -> None:
    savemat(tmp_path / "a.mat", {"x": value})
    with pytest.raises(MatError, match=r"x of .*a.mat must be an array of numbers, got a MATLAB"):
        read_mat_fields(tmp_path / "a.mat", ["x"])


def test_a_field_above_its_limit_is_left_unread(tmp_path: Path) -> None:
    zeros = np.zeros((1000, 1000))
    savemat(tmp_path / "a.mat", {"x": zeros}, do_compression=True)
    with h5py.File(tmp_path / "b.mat", "w") as file:
        file.create_dataset("x", shape=(10**7, 10**7), dtype="f8", chunks=(10, 10))
    assert (tmp_path / "b.mat").stat().st_size < 1 << 20
    for name in ("a.mat", "b.mat"):
        with pytest.raises(MatError, match=r"at most 1,000 bytes, got .* left unread"):
            read_mat_fields(tmp_path / name, ["x"], largest=1000)


def test_an_hdf5_file_cannot_point_at_other_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"12345678")
    write_v73(tmp_path / "other.mat", {"x": POINTS})
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["x"] = h5py.ExternalLink(str(tmp_path / "other.mat"), "x")
        file["y"] = h5py.SoftLink("/x")
        file.create_dataset("z", (1,), "f8", external=[(str(tmp_path / "secret"), 0, 8)])
        layout = h5py.VirtualLayout((4, 3), "f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.mat"), "x", (4, 3))
        file.create_virtual_dataset("v", layout)
        file.create_group("g")
    for name in "xyzvg":
        with pytest.raises(MatError, match=rf"{name} of .* must be a plain array of numbers"):
            read_mat_fields(tmp_path / "a.mat", [name])


def test_damaged_files_end_in_a_message(tmp_path: Path) -> None:
    savemat(tmp_path / "old.mat", {"x": POINTS, "y": {"a": 1.0}}, do_compression=True)
    write_v73(tmp_path / "new.mat", {"x": POINTS})
    generator = np.random.default_rng(0)
    path, refused = tmp_path / "damaged.mat", 0
    for kind in ("old.mat", "new.mat"):
        whole = np.frombuffer((tmp_path / kind).read_bytes(), dtype=np.uint8)
        for _ in range(150):
            damaged = whole.copy()
            places = generator.integers(0, len(whole), size=generator.integers(1, 40))
            damaged[places] = generator.integers(0, 256, size=len(places))
            path.write_bytes(damaged[: generator.integers(len(whole) // 2, len(whole))].tobytes())
            try:
                read_mat_fields(path, ["x"])
            except BenchmarkError:
                refused += 1
    assert refused > 100
    for content in (b"", b"not a mat file at all", b"\0" * 200):
        path.write_bytes(content)
        with pytest.raises(MatError, match=r"damaged.mat is not a readable mat file"):
            read_mat_fields(path, ["x"])
