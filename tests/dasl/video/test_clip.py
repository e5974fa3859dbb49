"""Reading clips: times, rotation flags, bounds and bad files."""

import struct
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from dasl.video import clip as clip_module
from dasl.video.clip import Clip, ClipError, ClipTooLong, Frame
from tools.moving_head import write_clip


def _frames(count: int, times_s: list[float] | None = None, side: int = 64) -> list[Frame]:
    """Red at the left, blue at the right, brighter from frame to frame; 2 side x side."""
    frames = []
    for index in range(count):
        pixels = np.zeros((side, 2 * side, 3), np.uint8)
        pixels[:, :side, 0] = pixels[:, side:, 2] = 100 + 10 * index
        frames.append(Frame(index, times_s[index] if times_s else index / 30, pixels))
    return frames


def _turned(path: Path) -> Path:
    """Sets the header's matrix to a quarter turn clockwise, as a phone held upright does."""
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40  # after version, times, id, duration, layer, volume
    assert struct.unpack(">i", content[matrix : matrix + 4])[0] == 0x10000
    one = 0x10000
    content[matrix : matrix + 36] = struct.pack(
        ">9i", 0, one, 0, -one, 0, 0, 64 * one, 0, 0x40000000
    )
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


def test_a_rotation_flag_turns_the_frames_upright(tmp_path):
    path = _turned(write_clip(tmp_path / "clip.mp4", _frames(2)))
    pixels = next(Clip.open(path).frames()).pixels
    assert pixels.shape == (128, 64, 3)
    assert pixels[20, 32].argmax() == 0  # turned clockwise, the left is on top
    assert pixels[100, 32].argmax() == 2


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


def test_a_clip_longer_than_the_limit_is_refused_before_reading(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", _frames(2, [0.0, 9.0]))
    with pytest.raises(ClipTooLong, match="at most 5 s"):
        Clip.open(path, max_seconds=5)
    assert len(list(Clip.open(path, max_seconds=10).frames())) == 2


def test_a_clip_that_hides_its_length_stops_at_the_limit(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", _frames(2, [0.0, 9.0]))
    with pytest.raises(ClipError, match="does not end"):
        list(Clip(path, None, max_seconds=5).frames())


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
