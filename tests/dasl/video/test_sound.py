"""The film keeps the clip's sound, in step with the frames."""

from pathlib import Path

import av
import numpy as np
import pytest

from dasl.errors import ExportError, notices_to
from dasl.video.clip import Clip, ClipError, Frame
from dasl.video.overlay import write_film
from tests.mutation import mutated

RATE = 16_000


def _clip(
    path: Path, codec: str, seconds: float, silent_s: float, rate: int = RATE, layout: str = "mono"
) -> Path:
    """A second of pictures; a tone that begins at `silent_s`."""
    time = np.arange(round(seconds * rate)) / rate
    wave = (np.where(time < silent_s, 0.0, 0.4) * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    with av.open(str(path), "w") as container:
        film = container.add_stream("libx264", rate=10)
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream(codec, rate=rate, layout=layout)
        for _ in range(10):
            picture = np.full((48, 64, 3), 90, np.uint8)
            container.mux(film.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        for first in range(0, len(wave), 1024):
            channels = np.repeat(wave[None, first : first + 1024], sound.channels, axis=0)
            part = av.AudioFrame.from_ndarray(channels, "fltp", layout)
            part.sample_rate, part.pts = rate, first
            container.mux(sound.encode(part))
        container.mux(film.encode())
        container.mux(sound.encode())
    return path


def _heard(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Times and values of the film's sound."""
    with av.open(str(path)) as container:
        parts = list(container.decode(container.streams.audio[0]))
    values = np.concatenate([part.to_ndarray()[0] for part in parts])
    return parts[0].time + np.arange(len(values)) / parts[0].sample_rate, values


def _film(clip: Path, frames: list[Frame] | None = None) -> Path:
    shown = Clip.open(clip).frames() if frames is None else frames
    return write_film(clip.with_name("film.mp4"), shown, sound_from=clip)


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "aac"), ("a.mov", "pcm_s16le")])
def test_a_tone_begins_in_the_film_when_it_does_in_the_clip(tmp_path, name, codec):
    film = _film(_clip(tmp_path / name, codec, 1.0, 0.5))
    times, values = _heard(film)
    loud = times[np.abs(values) > 0.2]
    assert loud.min() == pytest.approx(0.5, abs=0.03)
    assert loud.max() == pytest.approx(1.0, abs=0.08)
    with av.open(str(film)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        assert len(list(container.decode(video=0))) == 10


@pytest.mark.parametrize(
    ("rate", "layout"),
    [(4_000, "mono"), (11_025, "mono"), (37_000, "stereo"), (192_000, "stereo"), (48_000, "quad")],
)
def test_sound_that_aac_refuses_is_resampled(tmp_path, rate, layout):
    film = _film(_clip(tmp_path / "a.mkv", "pcm_s16le", 1.0, 0.5, rate, layout))
    times, values = _heard(film)
    loud = times[np.abs(values) > 0.2]
    assert loud.min() == pytest.approx(0.5, abs=0.03)
    assert loud.max() == pytest.approx(1.0, abs=0.08)


def _apac(path: Path) -> Path:
    """A clip whose sound claims to be of a codec that nobody here has."""
    content = _clip(path, "pcm_s16le", 1.0, 0.0).read_bytes()
    assert content.count(b"sowt") == 1
    path.write_bytes(content.replace(b"sowt", b"apac"))
    return path


def test_sound_that_cannot_be_decoded_gives_a_silent_film_and_a_notice(tmp_path):
    clip, heard = _apac(tmp_path / "a.mov"), []
    with notices_to(heard.append):
        film = _film(clip)
    with av.open(str(film)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert len(list(container.decode(video=0))) == 10
    assert heard == [f"the sound of '{clip}' cannot be decoded; the film is silent"]


def test_sound_ends_with_the_film(tmp_path):
    clip = _clip(tmp_path / "a.mp4", "aac", 5.0, 0.0)
    times, _ = _heard(_film(clip, list(Clip.open(clip).frames())[:5]))
    assert times[-1] < 0.8


def test_a_silent_clip_gives_a_silent_film(tmp_path):
    frames = [Frame(n, n / 10, np.full((48, 64, 3), 90, np.uint8)) for n in range(3)]
    silent = write_film(tmp_path / "silent.mp4", frames)
    film = write_film(tmp_path / "film.mp4", frames, sound_from=silent)
    with av.open(str(film)) as container:
        assert [stream.type for stream in container.streams] == ["video"]


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "aac"), ("a.mkv", "pcm_s16le"), ("a.avi", "pcm_s16le")]
)
def test_a_damaged_clip_gives_a_film_or_says_what_is_wrong(tmp_path, name, codec):
    clip, random = _clip(tmp_path / name, codec, 1.0, 0.0), np.random.default_rng(5)
    content = clip.read_bytes()
    with notices_to(lambda words: None):
        for _ in range(15):
            clip.write_bytes(mutated(content, random))
            try:
                _film(clip)
            except (ClipError, ExportError) as error:
                assert name in str(error) or "film.mp4" in str(error)
