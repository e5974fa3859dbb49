"""The reader of in-the-wild faces, on invented parquet files and on the real ones."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dasl.datasets.face_rows import Faces2d
from dasl.datasets.faces_2d import read_faces_2d
from dasl.errors import ConfigError
from tests.dasl.invented_faces_2d import invented_faces_2d, write_faces_2d

pytest.importorskip("pyarrow", reason="pip install 'dasl[train]'")


@pytest.fixture
def faces() -> Faces2d:
    return invented_faces_2d(5)


def test_faces_come_back_as_they_were_written(faces: Faces2d, tmp_path: Path) -> None:
    write_faces_2d(faces, tmp_path / "faces_2d/train-00000-of-00001.parquet")
    actual = read_faces_2d(tmp_path, "train")
    assert len(actual) == 5
    assert actual.ids == faces.ids
    assert torch.equal(actual.images, faces.images)
    assert torch.equal(actual.visible21, faces.visible21)
    torch.testing.assert_close(actual.landmarks21_crop, faces.landmarks21_crop)
    torch.testing.assert_close(actual.detected68_crop, faces.detected68_crop)
    torch.testing.assert_close(actual.yaw_deg, faces.yaw_deg)


def test_several_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    first, second = invented_faces_2d(2, seed=1), invented_faces_2d(3, seed=2)
    second = replace(second, ids=("c.jpg", "b.jpg", "a.jpg"))
    write_faces_2d(second, tmp_path / "faces_2d/train-00001-of-00002.parquet")
    write_faces_2d(first, tmp_path / "faces_2d/train-00000-of-00002.parquet")
    actual = read_faces_2d(tmp_path, "train")
    assert actual.ids == first.ids + second.ids
    assert torch.equal(actual.images, torch.cat([first.images, second.images]))


def test_a_split_has_its_own_files(tmp_path: Path) -> None:
    write_faces_2d(invented_faces_2d(2), tmp_path / "faces_2d/train-00000-of-00001.parquet")
    write_faces_2d(invented_faces_2d(3), tmp_path / "faces_2d/validation-00000-of-00001.parquet")
    assert len(read_faces_2d(tmp_path, "validation")) == 3


@pytest.mark.parametrize(("limit", "count"), [(2, 2), (99, 5), (None, 5)])
def test_a_limit_keeps_the_first_faces(
    faces: Faces2d, tmp_path: Path, limit: int | None, count: int
) -> None:
    write_faces_2d(faces, tmp_path / "faces_2d/train-00000-of-00001.parquet")
    assert read_faces_2d(tmp_path, "train", limit).ids == faces.ids[:count]


def test_a_folder_without_faces_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no train-\*\.parquet in .*--root or DASL_DATA_ROOT"):
        read_faces_2d(tmp_path, "train")


def test_a_file_that_is_not_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faces_2d/train-00000-of-00001.parquet"
    path.parent.mkdir()
    path.write_text("not parquet")
    with pytest.raises(ConfigError, match=r"cannot read .*faces_2d as face parquet"):
        read_faces_2d(tmp_path, "train")


def test_a_file_without_a_column_is_refused(faces: Faces2d, tmp_path: Path) -> None:
    write_faces_2d(faces, tmp_path / "faces_2d/train-00000-of-00001.parquet", without="detected68")
    with pytest.raises(ConfigError, match="has no column detected68"):
        read_faces_2d(tmp_path, "train")


def test_a_crop_of_another_size_is_refused(faces: Faces2d, tmp_path: Path) -> None:
    small = Faces2d(
        faces.ids,
        faces.images[:, :, :100],
        faces.landmarks21_crop,
        faces.visible21,
        faces.detected68_crop,
        faces.yaw_deg,
    )
    write_faces_2d(small, tmp_path / "faces_2d/train-00000-of-00001.parquet")
    with pytest.raises(ConfigError, match=r"a crop must be 120x120, got \(100, 120\)"):
        read_faces_2d(tmp_path, "train")


def test_the_real_validation_faces_are_as_documented(data_root: Path) -> None:
    faces = read_faces_2d(data_root, "validation")
    assert len(faces) == len(set(faces.ids)) == 1054
    assert faces.images.shape == (1054, 3, 120, 120)
    assert faces.images.dtype == torch.uint8
    assert faces.landmarks21_crop.shape == (1054, 21, 2)
    assert faces.detected68_crop.shape == (1054, 68, 3)
    assert (faces.landmarks21_crop[~faces.visible21] == -1).all()
    visible = faces.landmarks21_crop[faces.visible21]
    assert float(visible.min()) > -2
    assert float(visible.max()) < 122
    # Yaw is positive when the nose points to the image's left of the eyes.
    eyes = faces.detected68_crop[:, 36:48, 0].mean(dim=1)
    to_the_left = eyes - faces.detected68_crop[:, 30, 0]
    turned = faces.yaw_deg.abs() > 20
    agree = to_the_left[turned].sign() == faces.yaw_deg[turned].sign()
    assert float(agree.float().mean()) > 0.95


def test_a_missing_package_is_named(
    faces: Faces2d, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_faces_2d(faces, tmp_path / "faces_2d/train-00000-of-00001.parquet")
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ConfigError, match=r'pip install "dasl\[train\]"'):
        read_faces_2d(tmp_path, "train")
