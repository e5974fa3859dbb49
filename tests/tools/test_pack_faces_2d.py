from pathlib import Path

import pytest

from dasl.datasets.faces_2d import read_faces_2d
from tests.dasl.invented_faces_2d import invented_faces_2d, write_faces_2d
from tools.pack_faces_2d import main


def test_packed_faces_are_read_as_before_but_for_rounding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = invented_faces_2d(5)
    source = tmp_path / "data/faces_2d/train-00000-of-00001.parquet"
    write_faces_2d(faces, source)
    arguments = ["--root", str(tmp_path / "data"), "--output", str(tmp_path / "pack")]
    assert main(arguments) == 0
    assert "1 files" in capsys.readouterr().out
    packed = read_faces_2d(tmp_path / "pack", "train")
    assert packed.ids == faces.ids
    assert (packed.visible21 == faces.visible21).all()
    assert (packed.detected68_crop - faces.detected68_crop)[..., :2].abs().max() < 0.07
    assert (packed.landmarks21_crop - faces.landmarks21_crop).abs().max() < 0.07
    assert packed.images.shape == faces.images.shape
    is_smaller = (tmp_path / "pack/faces_2d" / source.name).stat().st_size < source.stat().st_size
    assert is_smaller


def test_a_folder_without_faces_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(tmp_path), "--output", str(tmp_path / "pack")]) == 1
    assert "no parquet files" in capsys.readouterr().err


def test_the_data_root_is_not_overwritten(tmp_path: Path) -> None:
    write_faces_2d(invented_faces_2d(2), tmp_path / "faces_2d/train-0.parquet")
    with pytest.raises(SystemExit):
        main(["--root", str(tmp_path), "--output", str(tmp_path)])
