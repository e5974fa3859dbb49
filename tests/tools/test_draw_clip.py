"""The moving picture: clip and head side by side, at half the clip's frames."""

import sys

from PIL import Image

from tools import draw_clip


def test_the_picture_moves_and_shows_clip_and_head(tmp_path, monkeypatch, capsys):
    path = tmp_path / "clip.webp"
    monkeypatch.setattr(sys, "argv", ["draw_clip", "--seconds", "0.2", "--output", str(path)])
    assert draw_clip.main() == 0
    picture = Image.open(path)
    assert picture.n_frames == 3
    assert picture.size == (2 * draw_clip.SIZE[0], draw_clip.SIZE[1])
    assert "MB" in capsys.readouterr().out
