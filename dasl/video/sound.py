"""Copies the sound of a clip to its overlay video."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Final

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from dasl.errors import notice
from dasl.video.clip import DAMAGE, opened_clip, pictures_of

CODEC: Final = "aac"
RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Sample rates that every player supports; other sound is resampled to the last one."""
WriteUntil = Callable[[float], None]
"""Writes the sound up to a time, in seconds from the clip's first frame."""
_Heard = Iterator[tuple[float, AudioFrame]]
"""Sound frames for the encoder, with times in seconds from the clip's first frame."""
_GAP_S = 0.1
_UNUSABLE = (*DAMAGE, ValueError, OSError)


@contextmanager
def sound_of(clip: Path | None, film: OutputContainer) -> Iterator[WriteUntil]:
    """Add the sound of a clip to a video, as AAC; without a clip or sound the video is silent.

    Sound that cannot be decoded is left out, with a warning, and damaged sound ends at the damage;
    neither stops the video.

    Args:
        clip: the file; its first decodable audio track is used.
        film: the output, with no packet written yet.

    Raises:
        ClipError: there is no such clip.
    """
    with ExitStack() as stack:
        source = stack.enter_context(opened_clip(clip)) if clip is not None else None
        heard = _first_sound(source) if source is not None else None
        if heard is None:
            if source is not None and source.streams.audio:
                notice(f"the sound of '{clip}' cannot be decoded; the film is silent")
            yield lambda _: None
            return
        rate, layout, frames = heard
        sound = film.add_stream(CODEC, rate=rate, layout=layout)
        packets = _packets(frames, sound)
        waiting = next(packets, None)

        def write_until(time_s: float) -> None:
            nonlocal waiting
            while waiting is not None and waiting[0] <= time_s:
                film.mux(waiting[1])
                waiting = next(packets, None)

        yield write_until


def _first_sound(source: InputContainer) -> tuple[int, str, _Heard] | None:
    """Rate, layout and frames of the first track with a decodable frame; None without one."""
    for spoken in source.streams.audio:
        if spoken.codec_context is None:
            continue
        rate = spoken.rate if spoken.rate in RATES else RATES[-1]
        layout = "mono" if spoken.codec_context.channels == 1 else "stereo"
        frames = _frames(source, spoken, rate, layout)
        first = next(frames, None)
        if first is not None:
            return rate, layout, _with_first(first, frames)
    return None


def _with_first(first: tuple[float, AudioFrame], rest: _Heard) -> _Heard:
    yield first
    yield from rest


def _frames(source: InputContainer, spoken: AudioStream, rate: int, layout: str) -> _Heard:
    """Sound from the clip's first frame on, to the end or to the first damage."""
    video = pictures_of(source)
    start_s = float((video.start_time or 0) * (video.time_base or 0))
    samples: int | None = None
    try:
        source.seek(0)  # an earlier track may have been tried
        resampler = AudioResampler(format="fltp", layout=layout, rate=rate)
        for frame in source.decode(spoken):
            if frame.time is None or frame.time < start_s:
                continue
            time_s, frame.pts = frame.time - start_s, None
            for part in resampler.resample(frame):
                # times are counted in samples, but gaps in the clip are kept
                if samples is None or time_s - samples / rate > _GAP_S:
                    samples = round(time_s * rate)
                part.pts, part.time_base = samples, Fraction(1, rate)
                samples += part.samples
                yield time_s, part
    except _UNUSABLE:
        return


def _packets(frames: _Heard, sound: AudioStream) -> Iterator[tuple[float, list[Packet]]]:
    """Encoded sound with its times."""
    time_s = 0.0
    try:
        for time_s, frame in frames:
            yield time_s, sound.encode(frame)
    except _UNUSABLE:
        pass
    yield time_s, sound.encode(None)
