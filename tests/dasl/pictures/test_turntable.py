"""Tests of the turning head: files, and what is refused."""

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from dasl.errors import ConfigError, ExportError
from dasl.pictures.turntable import SIZE, turntable_frames, write_turntable
from dasl.reconstruction.face import Face


def test_frames_are_spread_over_one_turn(face: Face) -> None:
    front, side, back, other_side = turntable_frames(face, 4)
    assert front.shape == (SIZE[1], SIZE[0], 3)
    assert np.abs(front.astype(int) - back).mean() > 3
    # bodies of revolution apart: both profiles have one silhouette, mirrored
    outline = [(frame != frame[0, 0]).any(axis=2) for frame in (side, other_side)]
    assert (outline[0] != outline[1][:, ::-1]).mean() < 0.02


def test_the_suffix_chooses_the_kind(face: Face, tmp_path: Path) -> None:
    gif = write_turntable(tmp_path / "head.gif", face, frames=2)
    with Image.open(gif) as picture:
        assert (picture.n_frames, picture.size) == (2, SIZE)
    mp4 = write_turntable(str(tmp_path / "head.MP4"), face, frames=3, fps=25)
    with av.open(str(mp4)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (*SIZE, 25)
        assert sum(1 for _ in container.decode(stream)) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["head.MP4", "head.gif"]


def test_another_suffix_is_refused(face: Face, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"must be one of \.gif, \.mp4, got '\.avi'"):
        write_turntable(tmp_path / "head.avi", face)


def test_a_missing_folder_is_told_before_the_work(
    face: Face, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dasl.pictures.turntable.draw_head", lambda *_: pytest.fail("too late"))
    with pytest.raises(ExportError, match="there is no folder"):
        write_turntable(tmp_path / "missing/head.gif", face)


def test_a_folder_in_the_files_place_leaves_nothing_behind(face: Face, tmp_path: Path) -> None:
    (tmp_path / "head.gif").mkdir()
    with pytest.raises(ExportError, match=r"cannot write .*head\.gif"):
        write_turntable(tmp_path / "head.gif", face, frames=1)
    assert [path.name for path in tmp_path.iterdir()] == ["head.gif"]


@pytest.mark.parametrize(("frames", "fps"), [(0, 16), (601, 16), (4, 0), (4, 51)])
def test_numbers_out_of_range_are_refused(
    face: Face, tmp_path: Path, frames: int, fps: int
) -> None:
    with pytest.raises(ConfigError, match=r"must be from 1 to \d+, got"):
        write_turntable(tmp_path / "head.gif", face, frames=frames, fps=fps)
    assert not list(tmp_path.iterdir())
