"""The calibration of identities: what it refuses before it renders anything."""

from pathlib import Path

from tools import calibrate_identity


def test_people_for_measuring_are_refused(tmp_path: Path, capsys) -> None:
    assert calibrate_identity.main(["--root", str(tmp_path), "--seed", "9001"]) == 1
    assert "seed 9001 is for testing" in capsys.readouterr().err


def test_a_root_without_the_shapes_is_named(tmp_path: Path, capsys) -> None:
    assert calibrate_identity.main(["--root", str(tmp_path)]) == 1
    assert "scan_shapes/ict_facekit_on_head.npz" in capsys.readouterr().err
