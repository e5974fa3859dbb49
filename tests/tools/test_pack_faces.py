"""`python -m tools.pack_faces`."""

from pathlib import Path

import pytest

from dasl.datasets.face_set import load_face_set
from dasl.datasets.pseudo_labels import half_of
from tests.dasl.tiny_model import invented_faces
from tools.pack_faces import main


def test_a_set_is_packed_whole_or_in_halves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = tmp_path / "faces.safetensors", tmp_path / "new/pack.safetensors"
    faces = invented_faces(6)
    faces.save(source)
    assert main([str(source), "--output", str(output)]) == 0
    assert load_face_set(output).ids == faces.ids
    assert main([str(source), "--output", str(output), "--halves"]) == 0
    for half in (0, 1):
        part = load_face_set(output.with_name(f"pack_{half}.safetensors"))
        assert part.ids == tuple(name for name in faces.ids if half_of(name) == half)
    assert "6 faces" in capsys.readouterr().out


def test_a_file_that_is_no_face_set_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"no")
    words = [str(tmp_path / "x.safetensors"), "--output", str(tmp_path / "y.safetensors")]
    assert main(words) == 1
    assert "cannot read the face set" in capsys.readouterr().err
    assert not (tmp_path / "y.safetensors").exists()
