"""The clip maker: what it says is there is what its frames show."""

import sys

import av
import numpy as np
import pytest

from tests.dasl.painted_head import painted_face
from tools import moving_head as tool


def test_the_head_is_where_its_landmarks_are():
    shown = tool.moving_head(painted_face(), 3, (160, 120), noise=0.0)
    assert shown.landmarks.shape == (3, 68, 3)
    for frame, landmarks in zip(shown.frames(), shown.landmarks, strict=True):
        x, y = landmarks[[27, 30, 33, 51], :2].round().astype(int).T
        assert (np.ptp(frame.pixels[y, x], axis=-1) > 20).all()  # skin; the wall is grey
        assert frame.pixels[2, 2].tolist() == [150, 150, 150]


def test_frames_are_the_same_every_time_and_noise_is_as_strong_as_said():
    shown = tool.moving_head(painted_face(), 2, (160, 120), noise=8.0)
    one, other = (np.stack([frame.pixels for frame in shown.frames()]) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert one[:, :20, :20].std() == pytest.approx(8.0, rel=0.1)


def test_a_longer_clip_begins_as_a_shorter_one():
    short, long = (tool.moving_head(painted_face(), count, (160, 120)) for count in (2, 5))
    np.testing.assert_allclose(long.landmarks[:2], short.landmarks, atol=1e-4)


def test_the_command_writes_a_clip_of_the_wanted_size(tmp_path, monkeypatch):
    path = tmp_path / "clip.mp4"
    words = ["moving_head", str(path), "--seconds", "0.1", "--size", "160x120"]
    monkeypatch.setattr(sys, "argv", words)
    assert tool.main() == 0
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert [(frame.width, frame.height) for frame in frames] == [(160, 120)] * 3


def test_a_size_that_is_none_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["moving_head", "x.mp4", "--size", "large"])
    with pytest.raises(SystemExit):
        tool.main()
    assert "wanted a size such as 1280x720" in capsys.readouterr().err
