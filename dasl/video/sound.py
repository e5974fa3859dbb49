"""The sound of a clip beside the film that is drawn from it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from dasl.video.clip import DAMAGE, opened_clip

CODEC: Final = "aac"
WriteUntil = Callable[[float], None]
"""Writes the sound up to a time, seconds from the clip's first frame on."""


@contextmanager
def sound_of(clip: Path | None, film: OutputContainer) -> Iterator[WriteUntil]:
    """Gives a film the sound of a clip, as AAC; without a clip or a sound it stays silent.

    Sound that is damaged ends where the damage is: the film matters more.

    Args:
        clip: file whose first sound stream is taken.
        film: with no packet written yet.

    Raises:
        ClipError: there is no such clip.
    """
    with ExitStack() as stack:
        source = stack.enter_context(opened_clip(clip)) if clip is not None else None
        if source is None or not source.streams.audio:
            yield lambda _: None
            return
        spoken = source.streams.audio[0]
        sound = film.add_stream(CODEC, rate=spoken.rate, layout=spoken.layout.name)
        packets = _packets(source, sound)
        waiting = next(packets, None)

        def write_until(time_s: float) -> None:
            nonlocal waiting
            while waiting is not None and waiting[0] <= time_s:
                film.mux(waiting[1])
                waiting = next(packets, None)

        yield write_until


def _packets(source: InputContainer, sound: AudioStream) -> Iterator[tuple[float, list[Packet]]]:
    """Encoded sound with its times, seconds from the first frame on."""
    video = source.streams.video[0]
    start_s, time_s = float((video.start_time or 0) * (video.time_base or 0)), 0.0
    try:
        for frame in source.decode(source.streams.audio[0]):
            if frame.time is None or frame.time_base is None or frame.time < start_s:
                continue
            time_s = frame.time - start_s
            frame.pts = round(time_s / float(frame.time_base))
            yield time_s, sound.encode(frame)
    except DAMAGE:
        pass
    yield time_s, sound.encode(None)
