"""`eval convert` from the command line: each kind, what it refuses, and that scores come back."""

import argparse
import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from eval.benchmarks.aflw2000.data import PHOTO_SIDE
from eval.commands import convert
from eval.errors import BenchmarkError, SubmissionError
from eval.submissions.submission import Submission, read_submission

NAMES = tuple(f"image{number:05d}" for number in range(2000))


def run(*arguments: object) -> str:
    parser = argparse.ArgumentParser()
    convert.add(parser.add_subparsers())
    words = ["convert", *map(str, arguments)]
    return convert.run(parser, parser.parse_args(words))


@pytest.fixture
def points(invented_root: Path) -> np.ndarray:
    """(2000, 68, 3) truth of the invented benchmark, as published."""
    return np.load(invented_root / "aflw2000_3d" / "pts68.npy").transpose(0, 2, 1)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.npz"


@pytest.fixture
def few(tmp_path: Path) -> tuple[Path, np.ndarray]:
    """A folder of three PRNet files."""
    folder = tmp_path / "kpt"
    folder.mkdir()
    faces = np.random.default_rng(9).uniform(0.0, 400.0, (3, 68, 3))
    for name, face in zip("abc", faces, strict=True):
        np.savetxt(folder / f"{name}_kpt.txt", face)
    return folder, faces


def landmarks(submission: Submission) -> np.ndarray:
    assert submission.landmarks is not None
    return np.asarray(submission.landmarks)


def test_a_prnet_folder_answers_a_benchmark(
    invented_root: Path, points: np.ndarray, output: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "kpt"
    folder.mkdir()
    for name, face in zip(NAMES[1:], points[1:], strict=True):
        np.savetxt(folder / f"{name}_kpt.txt", face - np.array([1.0, 1.0, 0.0]))
    with pytest.raises(
        SubmissionError, match=r"1 of 2,000 images are missing .*\(image00000\).*--fill-missing"
    ):
        run(folder, "--root", invented_root, "--output", output)
    assert not output.exists()
    meta = ("--meta", "method=PRNet", "--meta", "link=https://example.org/?a=b")
    said = run(folder, "--root", invented_root, "--output", output, "--fill-missing", *meta)
    read = read_submission(output)
    assert read.ids == NAMES and np.isnan(landmarks(read)[0]).all()
    assert np.abs(landmarks(read)[1:] - points[1:]).max() < 1e-4
    assert read.meta["method"] == "PRNet" and read.meta["link"] == "https://example.org/?a=b"
    assert read.meta["conversion"] == {
        "converted_from": "prnet-kpt",
        "frame": "photo pixels, 0-based, y down, z towards",
    }
    assert "2,000 images" in said and "1 of them failed (NaN): image00000" in said


def test_options_override_a_systems_own_frame(few: tuple[Path, np.ndarray], output: Path) -> None:
    folder, faces = few
    run(folder, "--index-base", 1, "--y-axis", "up", "--z-axis", "away", "--output", output)
    wanted = faces * np.array([1, -1, -1]) + np.array([0, PHOTO_SIDE + 1, 0])
    assert np.abs(landmarks(read_submission(output)) - wanted).max() < 1e-3
    run(folder, "--y-axis", "up", "--photo-height", 256, "--output", output)
    wanted = faces * np.array([1, -1, 1]) + np.array([1, 256, 0])
    assert np.abs(landmarks(read_submission(output)) - wanted).max() < 1e-3


def test_a_list_gives_the_wanted_images(
    few: tuple[Path, np.ndarray], output: Path, tmp_path: Path
) -> None:
    folder, faces = few
    (tmp_path / "l.txt").write_text("c.jpg\nx.jpg\na.jpg\nb.jpg\n")
    run(folder, "--ids", tmp_path / "l.txt", "--fill-missing", "--output", output)
    read = read_submission(output)
    assert read.ids == ("c", "x", "a", "b")
    assert np.abs(landmarks(read)[0] - faces[2] - np.array([1.0, 1.0, 0.0])).max() < 1e-3
    (tmp_path / "l.txt").write_text("a\nb\n")
    with pytest.raises(SubmissionError, match=r"1 images that the list does not have \(c\)"):
        run(folder, "--ids", tmp_path / "l.txt", "--output", output)


def test_a_csv_is_1_based_unless_said_otherwise(tmp_path: Path, output: Path) -> None:
    header = ",".join(["id", *(f"{axis}{i}" for i in range(68) for axis in "xy")])
    numbers = np.arange(136.0)
    (tmp_path / "p.csv").write_text(f"{header}\na," + ",".join(map(str, numbers)))
    said = run(tmp_path / "p.csv", "--output", output)
    assert "z: absent, written as 0" in said
    assert np.array_equal(landmarks(read_submission(output))[0, :, :2].ravel(), numbers)
    run(tmp_path / "p.csv", "--index-base", 0, "--output", output)
    assert np.array_equal(landmarks(read_submission(output))[0, :, :2].ravel(), numbers + 1)


def test_mats_give_landmarks_and_streamed_vertices(tmp_path: Path, output: Path) -> None:
    folder = tmp_path / "mats"
    folder.mkdir()
    mesh = np.random.default_rng(10).uniform(0.0, 400.0, (3, 80, 3))
    for name, face in zip("abc", mesh, strict=True):
        savemat(folder / f"{name}_mesh.mat", {"vertices": face})
    (tmp_path / "k.txt").write_text(" ".join(map(str, range(5, 73))))
    said = run(folder, "--keypoints", tmp_path / "k.txt", "--vertices", "--output", output)
    read = read_submission(output)
    moved = mesh + np.array([1.0, 1.0, 0.0])
    assert np.abs(landmarks(read) - moved[:, 5:73]).max() < 1e-3
    assert read.vertices is not None and "80 vertices each" in said
    assert np.abs(np.concatenate(list(read.vertices.chunks(2))) - moved).max() < 1e-3
    run(folder, "--vertices", "--output", output)
    assert read_submission(output).landmarks is None


def test_mats_in_crop_pixels_need_their_crops(tmp_path: Path, output: Path) -> None:
    folder = tmp_path / "mats"
    folder.mkdir()
    face = np.random.default_rng(11).uniform(0.0, 120.0, (3, 68))
    savemat(folder / "b.mat", {"pt3d_68": face})
    with pytest.raises(SubmissionError, match=r"crops .* not known; pass --root"):
        run(folder, "--crop-rule", "3ddfa-v1", "--output", output)
    (tmp_path / "l.txt").write_text("a\nb\n")
    np.save(tmp_path / "crops.npy", np.array([[0, 0, 9, 9], [10, 20, 250, 260]]))
    rule = ("--crop-rule", "3ddfa-v1", "--crops", tmp_path / "crops.npy")
    run(folder, *rule, "--ids", tmp_path / "l.txt", "--fill-missing", "--output", output)
    wanted = np.stack([2 * face[0] + 10, 2 * (121 - face[1]) + 20, 2 * face[2]], axis=1)
    read = landmarks(read_submission(output))
    assert np.isnan(read[0]).all() and np.abs(read[1] - wanted).max() < 1e-3


@pytest.fixture
def ddfa(tmp_path: Path) -> Path:
    """3DDFA's arrays of an invented model of 68 vertices, its statistics and zero parameters."""
    draw = np.random.default_rng(12).normal
    mean = draw(0.0, 30.0, (204, 1))
    np.save(tmp_path / "u_shp.npy", mean)
    np.save(tmp_path / "u_exp.npy", np.zeros((204, 1)))
    np.save(tmp_path / "w_shp_sim.npy", draw(0.0, 1.0, (204, 40)))
    np.save(tmp_path / "w_exp_sim.npy", draw(0.0, 1.0, (204, 10)))
    np.save(tmp_path / "keypoints_sim.npy", np.arange(204))
    statistics = np.zeros(62)
    statistics[[0, 5, 10]], statistics[[3, 7]] = 1.0, 60.0
    np.savez(tmp_path / "w.npz", param_mean=statistics, param_std=np.ones(62))
    np.save(tmp_path / "params.npy", np.zeros((2000, 62), dtype=np.float32))
    return tmp_path


def test_parameters_are_decoded_into_the_benchmarks_photos(
    invented_root: Path, ddfa: Path, output: Path
) -> None:
    arguments = (
        *(ddfa / "params.npy", "--root", invented_root, "--bfm", ddfa),
        *("--whitening", ddfa / "w.npz", "--output", output),
    )
    said = run(*arguments)
    first = landmarks(read_submission(output))
    assert "crop pixels by 3ddfa-v1" in said and len(first) == 2000
    run(*arguments, "--crop-rule", "3ddfa-v2")
    difference = first - landmarks(read_submission(output))
    # One crop pixel in x and in y, where a crop of this benchmark is side/120 photo pixels.
    scale = difference[:, :1, :2]
    assert (scale > 1.0).all() and np.abs(difference[..., :2] - scale).max() < 1e-3


def test_parameters_of_part_of_the_images_take_their_own_crops(
    invented_root: Path, ddfa: Path, output: Path
) -> None:
    arguments = ("--root", invented_root, "--bfm", ddfa, "--whitening", ddfa / "w.npz")
    run(ddfa / "params.npy", *arguments, "--output", output)
    whole = landmarks(read_submission(output))
    kept = [name for name in NAMES if name not in (NAMES[1081], NAMES[1798])]
    (ddfa / "l.txt").write_text("\n".join(f"{name}.jpg" for name in kept))
    np.save(ddfa / "params.npy", np.zeros((1998, 62), dtype=np.float32))
    with pytest.raises(SubmissionError, match="have 1998 rows and the list 2000 names"):
        run(ddfa / "params.npy", *arguments, "--output", output)
    listed = ("--ids", ddfa / "l.txt", "--fill-missing", "--output", output)
    run(ddfa / "params.npy", *arguments, *listed)
    part = landmarks(read_submission(output))
    assert np.flatnonzero(np.isnan(part).all(axis=(1, 2))).tolist() == [1081, 1798]
    rows = np.isfinite(part[:, 0, 0])
    assert np.array_equal(part[rows], whole[rows])


def test_an_absent_face_model_says_where_to_get_it(invented_root: Path, ddfa: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"faces\.dmi\.unibas\.ch"):
        run(
            *(ddfa / "params.npy", "--root", invented_root, "--bfm", ddfa / "none"),
            *("--whitening", "none", "--output", ddfa / "o.npz"),
        )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["kpt"], "--output"),
        (["kpt", "--output", "o.npz", "--bfm", "b"], "--bfm is for --pose with prnet-kpt"),
        (["kpt", "--output", "o.npz", "--vertices"], "--vertices is for 3ddfa-params and mat"),
        (["kpt", "--output", "o.npz", "--photo-height", "9"], "is for --y-axis up"),
        (["kpt", "--output", "o.npz", "--fill-missing"], "pass --root DIR or --ids LIST"),
        (["kpt", "--output", "o.npz", "--meta", "colour=red"], "KEY of method, link, .*'colour'"),
        (["kpt", "--output", "o.npz", "--meta", "method"], "KEY=TEXT"),
        (["p.npy", "--output", "o.npz"], "parameters have no names: pass --ids"),
        (["p.npy", "--output", "o.npz", "--ids", "l.txt"], "pass --whitening NPZ"),
        (["p.npy", "--output", "o.npz", "--index-base", "0"], "--index-base is for"),
        (
            ["m", "--output", "o.npz", "--crop-rule", "3ddfa-v1", "--y-axis", "up"],
            "--y-axis does not go with --crop-rule",
        ),
    ],
)
def test_a_wrong_command_line_is_status_2(
    few: tuple[Path, np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    message: str,
) -> None:
    folder = few[0].parent
    monkeypatch.chdir(folder)
    np.save(folder / "p.npy", np.zeros((3, 62)))
    (folder / "l.txt").write_text("a\nb\nc\n")
    (folder / "m").mkdir()
    savemat(folder / "m" / "a.mat", {"pt3d_68": np.zeros((3, 68))})
    with pytest.raises(SystemExit) as stop:
        run(*words)
    assert stop.value.code == 2
    assert re.search(message, capsys.readouterr().err.replace("\n", " "))
    assert not (folder / "o.npz").exists()


def test_what_is_written_is_json_and_plain_arrays(
    few: tuple[Path, np.ndarray], output: Path
) -> None:
    run(few[0], "--output", output, "--meta", "year=2018")
    with np.load(output, allow_pickle=False) as members:
        assert json.loads(str(members["meta"]))["year"] == "2018"
        assert members["landmarks"].dtype == np.float32


def test_a_place_that_cannot_be_written_is_told(few: tuple[Path, np.ndarray]) -> None:
    with pytest.raises(SubmissionError, match="cannot write"):
        run(few[0], "--output", few[0] / "no" / "o.npz")
