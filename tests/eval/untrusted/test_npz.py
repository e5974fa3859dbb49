"""Archives from others: damaged, oversized or odd, read as submissions."""

import contextlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.errors import SubmissionError
from eval.submissions.submission import read_submission, write_submission

IDS = np.array(["a", "b", "c"])
POINTS = np.arange(3 * 68 * 3, dtype=np.float32).reshape(3, 68, 3)


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def with_header(shape: str, descr: str = "<f4") -> bytes:
    """An .npy of no data whose header claims a shape."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}"
    text = header.ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_pickled_members_are_refused_unread(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (pytest.fail, ("it was unpickled",))

    bomb = np.empty(1, dtype=object)
    bomb[0] = Bomb()
    np.savez(tmp_path / "s.npz", ids=bomb, landmarks=POINTS)
    with pytest.raises(SubmissionError, match=r"ids .* holds pickled objects"):
        read_submission(tmp_path / "s.npz")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "s.npz", {"ids.npy": npy(IDS), "landmarks.npy": bytes(65 << 20)})
    assert path.stat().st_size < 1 << 20
    with pytest.raises(SubmissionError, match=r"unpacks to 68,157,440 bytes, wanted at most"):
        read_submission(path)


def test_a_header_that_claims_ten_gigabytes_is_refused(tmp_path: Path) -> None:
    claim = with_header("(12000000, 68, 3)")
    path = zipped(tmp_path / "s.npz", {"ids.npy": npy(IDS), "landmarks.npy": claim})
    with pytest.raises(SubmissionError, match=r"header asks for 9,792,000,000 bytes, file has 0"):
        read_submission(path)


@pytest.mark.parametrize(
    "landmarks", [b"", b"no array", with_header("(-1, 68, 3)"), with_header("'x'"), npy(IDS)[:20]]
)
def test_a_member_that_is_no_array_is_refused(tmp_path: Path, landmarks: bytes) -> None:
    path = zipped(tmp_path / "s.npz", {"ids.npy": npy(IDS), "landmarks.npy": landmarks})
    with pytest.raises(SubmissionError, match=r"landmarks in s.npz must be a plain array"):
        read_submission(path)


def test_odd_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    with pytest.raises(SubmissionError, match=r"no file .*s.npz; check the path"):
        read_submission(path)
    with pytest.raises(SubmissionError, match=r"must be a complete .npz file"):
        read_submission(tmp_path)
    path.write_bytes(npy(POINTS))
    with pytest.raises(SubmissionError, match=r"must be a complete .npz file"):
        read_submission(path)
    zipped(path, {f"x{n}.npy": b"" for n in range(65)})
    with pytest.raises(SubmissionError, match=r"at most 64 members"):
        read_submission(path)
    zipped(path, {"ids.npy": npy(IDS), "ids": npy(IDS)})
    with pytest.raises(SubmissionError, match=r"each name once"):
        read_submission(path)
    zipped(path, {"ids.npy": npy(IDS), "landmarks.npy": npy(POINTS)}, zipfile.ZIP_LZMA)
    with pytest.raises(SubmissionError, match=r"must be stored or deflated"):
        read_submission(path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    write_submission(path, list(IDS), POINTS)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SubmissionError, match=r"must be a complete .npz file"):
        read_submission(path)


def test_damaged_bytes_never_end_in_another_error(tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    np.savez(path, ids=IDS, landmarks=POINTS, meta=json.dumps({"method": "mine"}))
    whole = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    generator = np.random.default_rng(0)
    # Where headers lie: the first kilobyte and the zip directory at the end.
    weak = np.r_[0:900, len(whole) - 900 : len(whole)]
    outcomes = set()
    for _ in range(500):
        damaged = whole.copy()
        places = generator.choice(weak, size=generator.integers(1, 6))
        damaged[places] = generator.integers(0, 256, size=len(places))
        path.write_bytes(damaged.tobytes())
        try:
            read_submission(path)
            outcomes.add("read")
        except SubmissionError:
            outcomes.add("refused")
    assert "refused" in outcomes


@pytest.mark.filterwarnings("ignore:invalid escape:DeprecationWarning")
def test_damaged_npy_headers_never_end_in_another_error(tmp_path: Path) -> None:
    """The zip checksum is right here, so that the damage reaches the .npy parser."""
    generator = np.random.default_rng(1)
    whole = np.frombuffer(npy(POINTS), dtype=np.uint8)
    for _ in range(500):
        damaged = whole.copy()
        places = generator.integers(0, 80, size=generator.integers(1, 4))
        damaged[places] = generator.integers(0, 128, size=len(places))
        members = {"ids.npy": npy(IDS), "landmarks.npy": damaged.tobytes()}
        path = zipped(tmp_path / "s.npz", members, zipfile.ZIP_STORED)
        with contextlib.suppress(SubmissionError):
            assert read_submission(path).landmarks.shape == (3, 68, 3)
