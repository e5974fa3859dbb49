import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from eval.errors import SubmissionError
from eval.submissions.submission import Submission, read_submission
from space.submit.intake import LARGEST_PART, Reading, take_in, unpack
from space.submit.tasks import Wanted

IDS = tuple(f"image{n:05d}" for n in range(6))
POINTS = np.random.default_rng(1).uniform(100.0, 200.0, size=(6, 68, 3))
WANTED = Wanted(IDS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "ours"
    made.mkdir()
    return made


def npz(path: Path, ids=IDS, points=POINTS, **more: np.ndarray) -> Path:
    np.savez_compressed(path, ids=np.array(ids), landmarks=points.astype(np.float32), **more)
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def kpt(points: np.ndarray) -> bytes:
    text = io.StringIO()
    np.savetxt(text, points)
    return text.getvalue().encode()


def mat(points: np.ndarray, field: str = "pt3d_68") -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, {field: points.T})
    return stream.getvalue()


def landmarks(submission: Submission) -> np.ndarray:
    return submission.in_order(IDS)


def refused(upload: Path, folder: Path, reading: Reading = Reading(), wanted=WANTED) -> str:  # noqa: B008
    with pytest.raises(SubmissionError) as caught:
        take_in(upload, wanted, reading)
    assert str(folder) not in str(caught.value) and str(upload.parent) not in str(caught.value)
    return str(caught.value)


def test_an_npz_is_taken_as_it_is(tmp_path, folder):
    upload = npz(tmp_path / "mine.npz")
    taken = take_in(upload, WANTED, Reading())
    assert taken.sha256 == read_submission(upload).sha256
    assert (landmarks(taken) == POINTS.astype(np.float32)).all()


def test_a_csv_is_converted(tmp_path, folder):
    names = [f"{axis}{point}" for point in range(68) for axis in "xyz"]
    lines = [",".join(["id", *names])]
    lines += [
        ",".join([name, *map(str, row.ravel())]) for name, row in zip(IDS, POINTS, strict=True)
    ]
    upload = tmp_path / "mine.csv"
    upload.write_text("\n".join(lines))
    taken = take_in(upload, WANTED, Reading())
    assert np.allclose(landmarks(taken), POINTS, atol=1e-4)
    other = take_in(upload, WANTED, Reading(first_pixel=0))
    assert np.allclose(landmarks(other)[..., :2], POINTS[..., :2] + 1, atol=1e-4)


def test_a_zip_of_prnets_files_is_converted_whatever_folders_it_has(tmp_path, folder):
    files = {f"results/{n}_kpt.txt": kpt(p) for n, p in zip(IDS, POINTS, strict=True)}
    upload = zipped(tmp_path / "prnet.zip", {**files, "__MACOSX/._x_kpt.txt": b"", "a.jpg": b""})
    taken = take_in(upload, WANTED, Reading())
    assert np.allclose(landmarks(taken)[..., :2], POINTS[..., :2] + 1, atol=1e-4)  # 0-based there


def test_a_zip_of_mats_is_converted(tmp_path, folder):
    files = {f"{n}.mat": mat(p) for n, p in zip(IDS, POINTS, strict=True)}
    taken = take_in(zipped(tmp_path / "m.zip", files), WANTED, Reading())
    assert np.allclose(landmarks(taken), POINTS, atol=1e-4)


def test_absent_images_count_as_failed_only_where_the_visitor_says_so(tmp_path, folder):
    files = {f"{n}.mat": mat(p) for n, p in list(zip(IDS, POINTS, strict=True))[:5]}
    upload = zipped(tmp_path / "m.zip", files)
    words = refused(upload, folder)
    assert "let missing images count as failed" in words and "--fill" not in words
    taken = take_in(upload, WANTED, Reading(fill_missing=True))
    assert np.isnan(landmarks(taken)[5]).all()


def test_too_few_answers_are_refused_so_that_no_mean_tells_a_single_truth(tmp_path, folder):
    points = POINTS.copy()
    points[2:] = np.nan
    words = refused(npz(tmp_path / "one.npz", points=points), folder)
    assert "answers 2 of 6 images, wanted at least 3" in words


def test_images_of_another_benchmark_are_refused_and_left_out_ones_may_be_there(tmp_path, folder):
    five = Wanted(IDS[:5], left_out=IDS[5:])
    take_in(npz(tmp_path / "all.npz"), five, Reading())
    assert "does not have" in refused(npz(tmp_path / "o.npz"), folder, wanted=Wanted(IDS[:5]))
    assert "1 of 6 images are missing" in refused(
        npz(tmp_path / "less.npz", IDS[:5], POINTS[:5]), folder, wanted=Wanted(IDS)
    )
    some = Wanted(IDS, all_of_them=False)
    take_in(npz(tmp_path / "less.npz", IDS[:5], POINTS[:5]), some, Reading())


@pytest.mark.parametrize("name", ["a.pkl", "a.pth", "a.npy", "a.exe", "a", "<img src=x>.pkl"])
def test_files_of_other_kinds_are_refused_by_name(tmp_path, folder, name):
    upload = tmp_path / name
    upload.write_bytes(b"\x80\x04.")
    assert refused(upload, folder)


def test_pickled_members_and_claims_of_a_size_are_refused_unread(tmp_path, folder):
    upload = tmp_path / "p.npz"
    np.savez(upload, ids=np.array(IDS), landmarks=np.array([{"a": 1}], dtype=object))
    assert "pickled" in refused(upload, folder)
    header = io.BytesIO()
    ten_gigabytes = {"descr": "<f4", "fortran_order": False, "shape": (12_000_000, 68, 3)}
    np.lib.format.write_array_header_1_0(header, ten_gigabytes)
    ids = io.BytesIO()
    np.lib.format.write_array(ids, np.array(IDS), allow_pickle=False)
    claims = {"ids.npy": ids.getvalue(), "landmarks.npy": header.getvalue()}
    assert "header asks for" in refused(zipped(tmp_path / "c.npz", claims), folder)


def test_a_zip_bomb_is_left_unread(tmp_path, folder):
    upload = zipped(tmp_path / "bomb.npz", {"ids.npy": b"", "landmarks.npy": bytes(70 << 20)})
    assert refused(upload, folder)
    inside = zipped(tmp_path / "bomb.zip", {"a_kpt.txt": bytes(LARGEST_PART + 1)})
    assert "unpacks to more than" in refused(inside, folder)


def test_a_zip_writes_nowhere_but_into_its_folder(tmp_path, folder):
    upload = zipped(tmp_path / "z.zip", {"../../evil_kpt.txt": b"x", "/abs/other_kpt.txt": b"y"})
    unpack(upload, folder)
    assert sorted(p.name for p in folder.iterdir()) == ["evil_kpt.txt", "other_kpt.txt"]
    assert not list(tmp_path.glob("*.txt"))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "holds 0"),
        ({"a/x.mat": b"", "b/x.mat": b""}, "twice"),
        ({f"{n}.txt": b"" for n in range(5000)}, "5,000"),
    ],
)
def test_a_zip_without_one_file_an_image_is_refused(tmp_path, folder, files, words):
    assert words in refused(zipped(tmp_path / "z.zip", files), folder)


def test_a_file_that_only_calls_itself_a_zip_is_refused(tmp_path, folder):
    upload = tmp_path / "z.zip"
    upload.write_bytes(b"PK\x03\x04 and noise")
    assert "complete .zip" in refused(upload, folder)


def test_vertices_without_known_landmarks_are_for_home(tmp_path, folder):
    files = {f"{n}.mat": mat(p, "vertices") for n, p in zip(IDS, POINTS, strict=True)}
    assert "python -m eval convert" in refused(zipped(tmp_path / "m.zip", files), folder)
