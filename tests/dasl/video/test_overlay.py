"""The film: readable by another decoder, at the clip's own times, whole or not there."""

import errno
from pathlib import Path

import av
import numpy as np
import pytest

from dasl.commands.video import DRAWINGS
from dasl.errors import ExportError
from dasl.pictures import PICTURES
from dasl.video.clip import ClipError, Frame
from dasl.video.overlay import drawn_frames, write_film
from dasl.video.track import track_clip
from tests.dasl.video.moving_head import moving_head, reconstructor

TIMES = [0.0, 0.04, 0.3, 0.31]


def _grey(count: int, shape: tuple[int, int, int] = (65, 97, 3)) -> list[Frame]:
    return [
        Frame(index, TIMES[index], np.full(shape, 50 + 40 * index, np.uint8))
        for index in range(count)
    ]


def _decoded(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        return list(container.decode(stream))


def test_a_film_is_h264_with_even_sides_and_the_clips_times(tmp_path):
    path = write_film(tmp_path / "film.mp4", _grey(4))
    frames = _decoded(path)
    assert [frame.time for frame in frames] == pytest.approx(TIMES, abs=1e-3)
    assert {(frame.width, frame.height) for frame in frames} == {(96, 64)}
    means = [frame.to_ndarray(format="rgb24").mean() for frame in frames]
    assert means == pytest.approx([50, 90, 130, 170], abs=5)
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_a_full_disk_leaves_nothing_behind(tmp_path):
    def frames():
        yield from _grey(2)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ExportError, match="No space left"):
        write_film(tmp_path / "film.mp4", frames())
    assert list(tmp_path.iterdir()) == []


def test_a_clip_that_breaks_while_it_is_drawn_leaves_nothing_behind(tmp_path):
    def frames():
        yield from _grey(2)
        raise ClipError("damaged")

    with pytest.raises(ClipError):
        write_film(tmp_path / "film.mp4", frames())
    assert list(tmp_path.iterdir()) == []


def test_an_older_film_survives_a_failure(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"older")

    def frames():
        yield from _grey(1)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ExportError):
        write_film(path, frames())
    assert path.read_bytes() == b"older"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ExportError, match="missing"):
        write_film(tmp_path / "missing" / "film.mp4", _grey(1))


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawing_changes_the_frames_with_a_face_and_no_others(name):
    clip = moving_head(8)
    tracks = track_clip(clip.frames[:5], reconstructor()).tracks
    model = reconstructor().model
    drawn = list(drawn_frames(clip.frames[:8], tracks, model, PICTURES[name]))
    changed = [
        bool((one.pixels != other.pixels).any())
        for one, other in zip(drawn, clip.frames, strict=False)
    ]
    assert changed == [True] * 5 + [False] * 3
    assert {frame.pixels.shape for frame in drawn} == {clip.frames[0].pixels.shape}


def test_landmarks_are_white_points_where_the_track_has_them():
    clip = moving_head(8)
    tracks = track_clip(clip.frames[:5], reconstructor()).tracks
    model = reconstructor().model
    drawn = list(drawn_frames(clip.frames[:5], tracks, model, PICTURES["landmarks"]))
    x, y = tracks[0].samples[2].landmarks[30, :2].round().astype(int)
    assert drawn[2].pixels[y, x].min() > 200  # a white point on the nose tip
