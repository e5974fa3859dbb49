"""`python -m dasl annotate`: photos to a training set."""

import csv
import dataclasses
import errno
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dasl.commands import annotate as annotate_module
from dasl.commands.annotate import Limits, NewPhoto, annotate
from dasl.datasets.annotated_files import LeftOut
from dasl.datasets.sources import read_source
from dasl.photo.load import load_photo
from dasl.reconstruction.reconstructor import FaceReconstructor
from tests.dasl.conftest import FixedDetector, run_command

EXAMPLES = Path(__file__).parents[3] / "space/examples"


class NoDetector:
    """Finds nobody."""

    def __call__(self, image: np.ndarray) -> list:
        return []


@pytest.fixture
def small(reconstructor, monkeypatch) -> FaceReconstructor:
    """The command uses a reconstructor that needs no trained weights."""
    monkeypatch.setattr(
        annotate_module.FaceReconstructor, "from_pretrained", lambda *_: reconstructor
    )
    return reconstructor


def _new(path: Path) -> NewPhoto:
    return NewPhoto(path, path.as_posix(), "C")


def _another(photo: Path, path: Path) -> Path:
    """Another photo: the same one a little brighter."""
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.minimum(load_photo(photo) + 3, 255).astype(np.uint8)).save(path)
    return path


def _log(folder: Path) -> list[list[str]]:
    with (folder / "left_out.csv").open(newline="") as file:
        return list(csv.reader(file))[1:]


def test_an_example_photo_becomes_a_face_whose_landmarks_lie_on_it(tmp_path, capsys):
    photo = EXAMPLES / "astronaut.jpg"
    assert run_command("annotate", photo, "--output", tmp_path / "mine") == 0
    faces = read_source("mine", tmp_path, "train")
    assert faces.ids == (photo.as_posix(),)
    (face,) = FaceReconstructor.from_pretrained()(photo)
    (box,) = torch.tensor(read_boxes(tmp_path / "mine"))
    pixel = (box[2] - box[0]) / 120
    on_photo = box[:2] + (faces.detected68_crop[0, :, :2] + 0.5) * pixel - 0.5
    apart = (on_photo - torch.from_numpy(face.landmarks[:, :2])).norm(dim=1) / pixel
    assert apart.mean() < 1.0
    low, high = faces.detected68_crop[0].amin(dim=0), faces.detected68_crop[0].amax(dim=0)
    assert float((high - low)[:2].max()) == pytest.approx(120 / 2**0.5, rel=0.03)
    assert float(faces.yaw_deg[0]) == pytest.approx(face.pose.yaw_deg, abs=3)
    assert '"faces": 1, "left_out": 0' in capsys.readouterr().out


def read_boxes(folder: Path) -> list[list[float]]:
    import pyarrow.parquet as parquet

    return parquet.read_table(folder / "train-00000.parquet").column("roi_box").to_pylist()


def test_a_run_goes_on_where_it_was(tmp_path, photo_file, small, capsys):
    output = tmp_path / "mine"
    again = _another(photo_file, tmp_path / "again.png")
    assert run_command("annotate", photo_file, "--output", output) == 0
    first = (output / "train-00000.parquet").read_bytes()
    assert run_command("annotate", photo_file, again, "--output", output) == 0
    assert (output / "train-00000.parquet").read_bytes() == first
    assert read_source("mine", tmp_path, "train").ids == (photo_file.as_posix(), again.as_posix())
    assert run_command("annotate", photo_file, again, "--output", output) == 0
    assert not (output / "train-00002.parquet").exists()
    assert '"faces": 2' in capsys.readouterr().out.splitlines()[-1]


def test_photos_of_one_name_in_two_folders_are_both_looked_at(
    tmp_path, photo_file, small, monkeypatch
):
    _another(photo_file, tmp_path / "a" / "IMG_0001.png")
    _another(tmp_path / "a" / "IMG_0001.png", tmp_path / "b" / "IMG_0001.png")
    for folder in ("a", "b"):
        monkeypatch.chdir(tmp_path / folder)
        assert run_command("annotate", "IMG_0001.png", "--output", tmp_path / "mine") == 0
    first, second = read_source("mine", tmp_path, "train").ids
    assert first == "IMG_0001.png" and second.startswith("IMG_0001.png@")


def test_a_folder_by_another_spelling_adds_nothing(tmp_path, photo_file, small, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo_file.rename(_another(photo_file, tmp_path / "photos" / "a.png"))
    for spelling in ("photos", tmp_path / "photos", "./photos/../photos"):
        assert run_command("annotate", spelling, "--output", "mine") == 0
    assert read_source("mine", tmp_path, "train").ids == ("photos/a.png",)
    assert len(list((tmp_path / "mine").glob("*.parquet"))) == 1


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_not_utf8_loses_nobody(tmp_path, photo_file, small):
    photos = tmp_path / "photos"
    _another(photo_file, photos / "a.png")
    os.rename(photo_file, os.fsencode(photos) + b"/caf\xe9.png")
    (photos / os.fsdecode(b"torn\xe9.jpg")).write_bytes(b"no photo")
    assert run_command("annotate", photos, "--output", tmp_path / "mine") == 0
    names = [Path(name).name for name in read_source("mine", tmp_path, "train").ids]
    assert names == ["a.png", "caf\\udce9.png"]
    assert [Path(line[0]).name for line in _log(tmp_path / "mine")] == ["torn\\udce9.jpg"]


def test_a_folder_that_cannot_be_read_is_told(tmp_path, photo_file, small, monkeypatch):
    (tmp_path / "locked").mkdir()
    scandir = os.scandir

    def refused(path):
        if Path(path).name == "locked":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert run_command("annotate", tmp_path, "--output", tmp_path / "mine") == 0
    ((name, reason, _),) = _log(tmp_path / "mine")
    assert Path(name).name == "locked"
    assert reason == "the folder cannot be read: Permission denied"


def test_several_faces_of_a_photo_are_numbered(tmp_path, photo_file, small):
    small.detector = FixedDetector((60.0, 40.0, 140.0, 140.0), (20.0, 20.0, 120.0, 120.0))
    assert run_command("annotate", photo_file, "--output", tmp_path / "mine") == 0
    names = read_source("mine", tmp_path, "train").ids
    assert names == (f"{photo_file.as_posix()}#1", f"{photo_file.as_posix()}#2")


def test_what_is_left_out_is_told_with_the_reason(tmp_path, photo_file, small, capsys):
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(b"no photo")
    words = ("annotate", tmp_path, "--output", tmp_path / "mine")
    assert run_command(*words, "--min-size", 5000) == 1
    assert "no face could be used" in capsys.readouterr().err
    reasons = {name: reason for name, reason, _ in _log(tmp_path / "mine")}
    assert "the face is small: its crop has" in reasons[photo_file.as_posix()]
    assert "is not an image" in reasons[torn.as_posix()]


@pytest.mark.parametrize("limits", [Limits(expected_nme=0.001), Limits(residual_px=-1.0)])
def test_doubtful_faces_are_left_out(photo_file, reconstructor, limits):
    rows, left_out = annotate(reconstructor, [_new(photo_file)], limits)
    assert not rows
    assert left_out[0].name == photo_file.as_posix()
    error = 100 * reconstructor(photo_file)[0].expected_nme
    reason = "fit residual" if limits.residual_px < 0 else f"expected error {error:.1f} %"
    assert left_out[0].reason.startswith(reason)


def test_a_photo_without_a_face_is_left_out(photo_file, reconstructor):
    reconstructor.detector = NoDetector()
    rows, left_out = annotate(reconstructor, [_new(photo_file)], Limits())
    assert (rows, left_out) == ([], [LeftOut(photo_file.as_posix(), "no face found", "C")])


def test_landmarks_that_no_human_face_explains_do_not_fit(photo_file, reconstructor):
    actual = reconstructor.regress(photo_file)
    bent = actual.landmarks_image.copy()
    bent[:, ::2, :2] += 12.0
    reconstructor.regress = lambda photo: dataclasses.replace(actual, landmarks_image=bent)
    _, left_out = annotate(reconstructor, [_new(photo_file)], Limits())
    assert left_out[0].reason.startswith("fit residual")


def test_a_folder_without_photos_is_an_error_in_words(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert run_command("annotate", tmp_path / "empty", "--output", tmp_path / "mine") == 1
    assert "there is no photo in" in capsys.readouterr().err
