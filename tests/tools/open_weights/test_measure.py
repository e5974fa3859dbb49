"""Weights on real photos with MediaPipe's points: the embedded ones, and missing portraits."""

import pytest

from tools.open_weights import measure

FAR_OFF = 8.0
"""Percent; the mean head at the mean pose is farther off."""


def test_the_open_weights_find_the_points_of_portraits(data_root, capsys) -> None:
    if not (data_root / "portraits").is_dir():
        pytest.skip(f"{data_root} has no portraits/")
    assert measure.main(["--root", str(data_root), "--model", "open"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 20 + 4 + 1
    assert [line.split()[0] for line in lines[20:24]] == ["brows", "nose", "eyes", "mouth"]
    assert float(lines[-1].split()[1]) < FAR_OFF


def test_missing_portraits_are_a_message(tmp_path, capsys) -> None:
    assert measure.main(["--root", str(tmp_path)]) == 1
    assert "031.jpg" in capsys.readouterr().err
