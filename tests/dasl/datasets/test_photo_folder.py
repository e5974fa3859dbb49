"""A folder of photos with landmarks in the formats that people have."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dasl.datasets.photo_folder import photos_in, read_photo_folder
from dasl.errors import ConfigError
from tests.mutation import mutated

# A face of 85 x 60 photo pixels around (110, 90): the crop is a square of 120.2 there.
POINTS = np.random.default_rng(0).uniform((67.5, 60.0), (152.5, 120.0), size=(68, 2))
POINTS[:2] = [[67.5, 60.0], [152.5, 120.0]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows, columns = np.mgrid[0:180, 0:220]
    pixels = np.stack([columns, rows, 255 - rows], axis=-1).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "anna.png")
    return tmp_path


def _pts(path: Path, points: np.ndarray) -> None:
    lines = "\n".join(f"{x:.6f} {y:.6f}" for x, y in points)
    path.write_text(f"version: 1\nn_points: {len(points)}\n{{\n{lines}\n}}\n")


def _csv(
    path: Path, named: dict[str, np.ndarray], separator: str = ",", encoding: str = "utf-8"
) -> None:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(["name", *(f"{axis}{n}" for n in range(68) for axis in "xy")])
        for name, points in named.items():
            values = [str(value) for value in points.flatten()]
            if separator == ";":  # as spreadsheets write where 1,5 is a number
                values = [value.replace(".", ",") for value in values]
            writer.writerow([name, *values])


WRITERS = {
    "pts": lambda folder: _pts(folder / "anna.pts", POINTS + 1),
    "json": lambda folder: (folder / "anna.json").write_text(json.dumps(POINTS.tolist())),
    "object": lambda folder: (folder / "anna.json").write_text(
        json.dumps({"landmarks": POINTS.tolist()})
    ),
    "one json": lambda folder: (folder / "landmarks.json").write_text(
        json.dumps({"anna.png": POINTS.tolist()})
    ),
    "json of Windows": lambda folder: (folder / "anna.json").write_text(
        json.dumps(POINTS.tolist()), encoding="utf-8-sig"
    ),
    "one json of Windows": lambda folder: (folder / "landmarks.json").write_text(
        json.dumps({".\\anna.png": POINTS.tolist()}), encoding="utf-8-sig"
    ),
    "csv": lambda folder: _csv(folder / "landmarks.csv", {"anna.png": POINTS}),
    "csv of Excel": lambda folder: _csv(
        folder / "landmarks.csv", {"anna.png": POINTS}, ";", "utf-8-sig"
    ),
    "tabs": lambda folder: _csv(folder / "landmarks.csv", {"anna.png": POINTS}, "\t"),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_says_the_same(folder: Path, kind: str) -> None:
    WRITERS[kind](folder)
    faces = read_photo_folder(folder)
    assert faces.ids == ("anna.png",)
    actual = faces.detected68_crop[0]
    assert actual[:, 2].isnan().all()
    assert not faces.visible21.any()
    # The photo's red is the column and its green the row: the crop shows where a point lies.
    at = actual[:, :2].round().long().clamp(0, 119)
    colours = faces.images[0][:2, at[:, 1], at[:, 0]].T.double()
    assert (colours - torch.from_numpy(POINTS)).abs().max() < 1.6


def test_photos_below_the_folder_are_read_by_name(folder: Path) -> None:
    (folder / "more").mkdir()
    (folder / "anna.png").rename(folder / "more/anna.png")
    _pts(folder / "more/anna.pts", POINTS + 1)
    assert read_photo_folder(folder).ids == ("more/anna.png",)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (POINTS[:67], "must be 68 x 2 numbers, got 134"),
        (np.full((68, 2), np.nan), "landmarks must be finite"),
        (POINTS + 1000, "lies outside the photo"),
        (np.vstack([POINTS[:67], [[9e12, 90.0]]]), "1000 times as large as the photo"),
    ],
)
def test_landmarks_that_cannot_be_are_named(folder: Path, points: np.ndarray, message: str) -> None:
    _pts(folder / "anna.pts", points)
    with pytest.raises(ConfigError, match=rf"row 0 \(anna\.png\): .*{message}"):
        read_photo_folder(folder)


def test_missing_landmarks_and_damaged_files_are_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"anna\.png has no landmarks: wanted anna\.pts"):
        read_photo_folder(folder)
    (folder / "anna.json").write_text("{")
    with pytest.raises(ConfigError, match=r"landmarks of anna\.png are damaged"):
        read_photo_folder(folder)
    (folder / "anna.png").write_bytes(b"no photo")
    _pts(folder / "anna.pts", POINTS)
    with pytest.raises(ConfigError, match="is not an image"):
        read_photo_folder(folder)


def test_a_folder_without_photos_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no photo"):
        read_photo_folder(tmp_path)


def _two_people(folder: Path) -> None:
    for person in ("a", "b"):
        (folder / person).mkdir()
        (folder / person / "0001.png").write_bytes((folder / "anna.png").read_bytes())
    (folder / "anna.png").unlink()


def test_photos_of_one_name_get_the_points_of_their_own_path(folder: Path) -> None:
    _two_people(folder)
    _csv(folder / "landmarks.csv", {"b/0001.png": POINTS + 5, "a/0001.png": POINTS})
    faces = read_photo_folder(folder)
    assert faces.ids == ("a/0001.png", "b/0001.png")
    # the crop follows the points: what lies in it is five pixels further along
    assert faces.images[1, 0, 60, 60] == pytest.approx(int(faces.images[0, 0, 60, 60]) + 5, abs=1)


def test_a_bare_name_that_two_photos_have_is_refused(folder: Path) -> None:
    _two_people(folder)
    _csv(folder / "landmarks.csv", {"0001.png": POINTS})
    with pytest.raises(ConfigError, match=r"name 0001\.png, and 2 photos.*such as a/0001\.png"):
        read_photo_folder(folder)


def test_a_bare_name_that_one_photo_has_is_enough(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "anna.png").rename(folder / "a" / "anna.png")
    _csv(folder / "landmarks.csv", {"anna.png": POINTS})
    assert read_photo_folder(folder).ids == ("a/anna.png",)


@pytest.mark.parametrize("name", ["landmarks.json", "landmarks.csv"])
def test_a_photo_named_twice_is_refused(folder: Path, name: str) -> None:
    if name.endswith("csv"):
        _csv(folder / name, {"anna.png": POINTS, "./anna.png": POINTS + 1})
    else:
        points = json.dumps(POINTS.tolist())
        (folder / name).write_text(f'{{"anna.png": {points}, "anna.png": {points}}}')
    with pytest.raises(ConfigError, match=r"name anna\.png twice"):
        read_photo_folder(folder)


def test_every_kind_of_photo_is_found_and_nothing_of_macos(folder: Path) -> None:
    names = ["a.HEIC", "b.avif", "c.jfif", "d.JPE", "e.jp2", "f.gif", "g.heif", "h.jpg"]
    for name in [*names, "._a.HEIC", "notes.txt"]:
        (folder / name).touch()
    found = photos_in(folder)
    assert [path.name for path in found.photos] == sorted([*names, "anna.png"])
    assert found.unreadable == ()


@pytest.mark.parametrize("kind", WRITERS)
def test_damaged_landmarks_are_read_or_named(folder: Path, kind: str) -> None:
    WRITERS[kind](folder)
    (written,) = (path for path in folder.iterdir() if path.name != "anna.png")
    content, random = written.read_bytes(), np.random.default_rng(3)
    for _ in range(20):
        written.write_bytes(mutated(content, random))
        try:
            assert len(read_photo_folder(folder)) == 1
        except ConfigError as error:
            assert "anna.png" in str(error) or str(folder) in str(error)
