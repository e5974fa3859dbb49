"""Reading clips: times, rotation flags, bounds and bad files."""

import io
import os
import struct
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from dasl.errors import notices_to
from dasl.video import clip as clip_module
from dasl.video.clip import Clip, ClipError, Frame
from tools.moving_head import write_clip


def _frames(count: int, times_s: list[float] | None = None, side: int = 64) -> list[Frame]:
    """Red at the left, blue at the right, brighter from frame to frame; 2 side x side."""
    frames = []
    for index in range(count):
        pixels = np.zeros((side, 2 * side, 3), np.uint8)
        pixels[:, :side, 0] = pixels[:, side:, 2] = 100 + 10 * index
        frames.append(Frame(index, times_s[index] if times_s else index / 30, pixels))
    return frames


def _displayed(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """Sets the header's display matrix, as a phone that is turned does."""
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40  # after version, times, id, duration, layer, volume
    assert struct.unpack(">i", content[matrix : matrix + 4])[0] == 0x10000
    one = 0x10000
    values = (a * one, b * one, 0, c * one, d * one, 0, 64 * one, 0, 0x40000000)
    content[matrix : matrix + 36] = struct.pack(">9i", *values)
    path.write_bytes(content)
    return path


def test_frames_come_back_in_order_with_their_times(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", _frames(6))
    found = list(Clip.open(path).frames())
    assert [frame.index for frame in found] == list(range(6))
    assert [frame.time_s for frame in found] == pytest.approx([i / 30 for i in range(6)], abs=2e-3)
    reds = [int(frame.pixels[32, 32, 0]) for frame in found]
    assert reds == pytest.approx([100, 110, 120, 130, 140, 150], abs=6)
    assert found[0].pixels[32, 96].argmax() == 2
    assert Clip.open(path).frame_count == 6


def test_a_variable_frame_rate_keeps_its_times(tmp_path):
    times = [0.0, 0.033, 0.2, 0.21, 0.5]
    path = write_clip(tmp_path / "clip.mp4", _frames(5, times))
    assert [frame.time_s for frame in Clip.open(path).frames()] == pytest.approx(times, abs=2e-3)


@pytest.mark.parametrize(
    ("matrix", "red", "bright"),
    [
        ((1, 0, 0, 1), "left", "top"),
        ((-1, 0, 0, 1), "right", "top"),
        ((1, 0, 0, -1), "left", "bottom"),
        ((-1, 0, 0, -1), "right", "bottom"),
        ((0, 1, -1, 0), "top", "right"),  # a quarter turn clockwise
        ((0, -1, 1, 0), "bottom", "left"),
        ((0, 1, 1, 0), "top", "left"),
        ((0, -1, -1, 0), "bottom", "right"),
    ],
)
def test_frames_are_turned_and_mirrored_as_the_header_says(tmp_path, matrix, red, bright):
    frame = _frames(1)[0]
    frame.pixels[:32] += 100  # brighter at the top, red at the left
    path = _displayed(write_clip(tmp_path / "clip.mp4", [frame]), *matrix)
    pixels = next(Clip.open(path).frames()).pixels.astype(int)
    height, width = pixels.shape[:2]
    assert (height, width) == ((64, 128) if matrix[0] else (128, 64))
    halves = {
        "left": pixels[:, : width // 2],
        "right": pixels[:, width // 2 :],
        "top": pixels[: height // 2],
        "bottom": pixels[height // 2 :],
    }
    assert max(halves, key=lambda side: (halves[side][..., 0] - halves[side][..., 2]).mean()) == red
    assert max(halves, key=lambda side: halves[side].max(axis=2).mean()) == bright


@pytest.mark.parametrize("name", ["clip.mkv", "clip.mp4"])
def test_a_cover_before_the_pictures_is_not_the_clip(tmp_path, name):
    with av.open(str(tmp_path / name), "w") as container:
        cover = container.add_stream("mjpeg", rate=30)
        cover.width, cover.height, cover.pix_fmt = 160, 160, "yuvj420p"
        film = container.add_stream("libx264", rate=30)
        film.width, film.height, film.pix_fmt = 128, 64, "yuv420p"
        still = av.VideoFrame.from_ndarray(np.zeros((160, 160, 3), np.uint8), format="rgb24")
        container.mux(cover.encode(still))
        container.mux(cover.encode())
        for frame in _frames(5):
            container.mux(film.encode(av.VideoFrame.from_ndarray(frame.pixels, format="rgb24")))
        container.mux(film.encode())
    frames = list(Clip.open(tmp_path / name).frames())
    assert [frame.pixels.shape for frame in frames] == [(64, 128, 3)] * 5


class _Stream(io.RawIOBase):
    """A file that cannot be wound back, as a browser records into."""

    def __init__(self):
        super().__init__()
        self.content = bytearray()

    def writable(self):
        return True

    def write(self, part):
        self.content += bytes(part)
        return len(part)


def test_a_recording_that_does_not_tell_its_length_is_read(tmp_path):
    stream = _Stream()
    with av.open(stream, "w", format="webm", options={"live": "1"}) as container:
        film = container.add_stream("libvpx", rate=30)
        film.width, film.height, film.pix_fmt = 128, 64, "yuv420p"
        for frame in _frames(6):
            container.mux(film.encode(av.VideoFrame.from_ndarray(frame.pixels, format="rgb24")))
        container.mux(film.encode())
    (tmp_path / "recorded.webm").write_bytes(stream.content)
    clip = Clip.open(tmp_path / "recorded.webm")
    assert clip.frame_count is None
    times = [frame.time_s for frame in clip.frames()]
    assert times == pytest.approx([n / 30 for n in range(6)], abs=2e-3)


def test_4k_is_made_smaller(tmp_path):
    pixels = np.full((2160, 3840, 3), 90, np.uint8)
    path = write_clip(tmp_path / "clip.mp4", [Frame(0, 0.0, pixels)])
    assert next(Clip.open(path).frames()).pixels.shape == (1080, 1920, 3)


def test_what_is_no_clip_is_refused_by_name(tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "noise.mp4").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n")
    for name in ("empty.mp4", "noise.mp4", "list.m3u8", "missing.mp4", "."):
        with pytest.raises(ClipError) as failed:
            Clip.open(tmp_path / name)
        assert str(tmp_path / name) in str(failed.value)


def test_a_name_in_the_header_that_is_no_text_does_no_harm(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", _frames(2))
    path.write_bytes(path.read_bytes().replace(b"isom", b"\x8csom"))
    assert len(list(Clip.open(path).frames())) == 2


def test_a_photo_is_sent_to_the_command_for_photos(tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "photo.jpg")
    with pytest.raises(ClipError, match="python -m dasl reconstruct"):
        Clip.open(tmp_path / "photo.jpg")


def test_sound_alone_is_refused(tmp_path):
    path = tmp_path / "sound.avi"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(sound.encode(frame))
        container.mux(sound.encode())
    with pytest.raises(ClipError, match="no video stream"):
        Clip.open(path)


def test_a_wav_file_is_refused(tmp_path):
    with wave.open(str(tmp_path / "sound.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(1600))
    with pytest.raises(ClipError, match=r"sound\.wav"):
        Clip.open(tmp_path / "sound.wav")


def test_of_a_clip_longer_than_the_limit_the_rest_is_left_out(tmp_path):
    path, heard = write_clip(tmp_path / "clip.mp4", _frames(3, [0.0, 4.0, 9.0])), []
    with notices_to(heard.append):
        assert len(list(Clip.open(path, max_seconds=5).frames())) == 2
    assert len(heard) == 1 and "longer than 5 s" in heard[0] and str(path) in heard[0]
    with notices_to(heard.append):
        assert len(list(Clip.open(path, max_seconds=10).frames())) == 3
    assert len(heard) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_as_such(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ClipError, match=r"is a pipe or a device.*save it to a file"):
        Clip.open(tmp_path / "pipe")


def test_too_many_pixels_are_refused_before_decoding(tmp_path, monkeypatch):
    path = write_clip(tmp_path / "clip.mp4", _frames(1))
    monkeypatch.setattr(clip_module, "MAX_SOURCE_PIXELS", 64 * 128 - 1)
    with pytest.raises(ClipError, match="128x64"):
        Clip.open(path)


def test_a_cut_off_file_gives_its_first_frames_or_a_message(tmp_path):
    whole = write_clip(tmp_path / "clip.avi", _noisy(40), codec="mjpeg")
    cut = tmp_path / "cut.mp4"
    content = write_clip(tmp_path / "clip.mp4", _noisy(40)).read_bytes()
    cut.write_bytes(content[: len(content) // 2])  # the index, at the end, is missing
    with pytest.raises(ClipError, match=r"cut\.mp4.*cannot be opened"):
        Clip.open(cut)
    part = tmp_path / "cut.avi"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    found = []
    try:
        found.extend(frame.index for frame in Clip.open(part).frames())
    except ClipError as error:
        assert "damaged" in str(error)
    assert len(found) < 40


def _noisy(count: int) -> list[Frame]:
    random = np.random.default_rng(0)
    shape = (64, 128, 3)
    return [
        Frame(index, index / 30, random.integers(0, 255, shape, dtype=np.uint8))
        for index in range(count)
    ]
