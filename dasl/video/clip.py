"""Reading a clip frame by frame, upright and at its own times; clips come from strangers.

Only local files in containers of `CONTAINERS` are opened: FFmpeg would otherwise follow playlists
to other files and addresses. One frame is in memory at a time.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer

from dasl.arrays import RgbImage
from dasl.errors import DaslError

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,gif"
DEFAULT_MAX_SECONDS = 60.0
MAX_SIDE = 1920
"""Longer side of the frames given out, pixels: larger ones, such as 4K, are made smaller."""
MAX_SOURCE_PIXELS = 8192 * 4320
MAX_FRAMES_PER_S = 240
MIN_SIDE = 16
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".tif", ".tiff", ".bmp")
DAMAGE = (av.FFmpegError, IndexError)
"""What PyAV raises at damaged data; IndexError where a stream comes that no header named."""
_NEXT_FRAME_S = 1e-3  # where a file gives a frame no time later than the one before


class ClipError(DaslError, ValueError):
    """A clip is missing, damaged, too large, too long or holds no picture."""


class ClipTooLong(ClipError):
    """A clip is longer than the caller reads."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of a clip.

    Attributes:
        index: from 0.
        time_s: from the first frame on, strictly increasing, at any rate.
        pixels: (H, W, 3) uint8 RGB, upright.
    """

    index: int
    time_s: float
    pixels: RgbImage


@dataclass(frozen=True)
class Clip:
    """A clip that can be opened; made by `Clip.open`, read by `frames`, as often as needed.

    Attributes:
        path: the file.
        frame_count: as the file says or its length suggests, or None; for a progress bar.
        max_seconds: longest clip that is read.
    """

    path: Path
    frame_count: int | None
    max_seconds: float = DEFAULT_MAX_SECONDS

    @classmethod
    def open(cls, path: str | os.PathLike[str], max_seconds: float = DEFAULT_MAX_SECONDS) -> "Clip":
        """Looks at the file's header.

        Raises:
            ClipError: missing, empty, no clip, without a picture, too large or too long.
        """
        if not 0 < max_seconds < float("inf"):
            raise ClipError(f"the longest length must be positive seconds, got {max_seconds:g}")
        path = Path(path)
        with opened_clip(path) as container:
            video = container.streams.video[0]
            _check_size(path, video.codec_context.width, video.codec_context.height)
            length_s = _length_s(container)
            if length_s is not None and length_s > max_seconds + 1:
                raise ClipTooLong(_too_long(path, f"is {length_s:.0f} s long", max_seconds))
            count = video.frames or round((length_s or 0) * float(video.average_rate or 0))
            return cls(path, count or None, max_seconds)

    def frames(self) -> Iterator[Frame]:
        """The frames in the order they are shown.

        Rotation flags and pixels that are not square are applied.

        Raises:
            ClipError: the clip is damaged (frames before the damage were given out) or has no
                frame.
            ClipTooLong: it turns out longer than `max_seconds`.
        """
        index, start_s, time_s, shape = 0, 0.0, -1.0, None
        try:
            with opened_clip(self.path) as container:
                video = container.streams.video[0]
                video.thread_type = "AUTO"
                rate = float(video.average_rate or 30)
                for decoded in container.decode(video):
                    at_s = decoded.time if decoded.time is not None else start_s + index / rate
                    start_s = at_s if index == 0 else start_s
                    time_s = max(at_s - start_s, time_s + _NEXT_FRAME_S) if index else 0.0
                    self._check_length(time_s, index)
                    pixels = _upright(self.path, decoded)
                    if shape not in (None, pixels.shape):
                        raise ClipError(f"'{self.path}' changes its size at {time_s:.2f} s; cut it")
                    shape = pixels.shape
                    yield Frame(index, time_s, pixels)
                    index += 1
        except DAMAGE as error:
            where = f"is damaged after {index} frames ({max(time_s, 0):.1f} s)"
            what = getattr(error, "strerror", None) or "its streams are mixed up"
            raise ClipError(f"'{self.path}' {where}: {what}; get a whole copy") from error
        if index == 0:
            raise ClipError(f"'{self.path}' has no frame (zero length); get a whole copy")

    def _check_length(self, time_s: float, index: int) -> None:
        if time_s > self.max_seconds + 1 or index > (self.max_seconds + 1) * MAX_FRAMES_PER_S:
            raise ClipTooLong(_too_long(self.path, "does not end", self.max_seconds))


@contextmanager
def opened_clip(path: Path) -> Iterator[InputContainer]:
    """A container with at least one video stream.

    Raises:
        ClipError: missing, empty, or no clip.
    """
    if not path.exists():
        raise ClipError(f"'{path}' does not exist; check the path")
    if not path.is_file():
        raise ClipError(f"'{path}' is not a file; name one clip")
    if path.stat().st_size == 0:
        raise ClipError(f"'{path}' is empty (0 bytes); get a whole copy")
    options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
    try:
        container = av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        wanted = "wanted a clip such as MP4, MOV, WebM, MKV, AVI or GIF, whole and readable"
        if path.suffix.lower() in PHOTO_SUFFIXES:
            wanted = "for a photo: python -m dasl reconstruct"
        raise ClipError(f"'{path}' cannot be opened: {error.strerror}; {wanted}") from error
    with container:
        if not container.streams.video:
            raise ClipError(f"'{path}' has no video stream, only sound or text; name a clip")
        if container.streams.video[0].codec_context is None:
            raise ClipError(f"'{path}' uses an unknown codec; save it as H.264 in MP4")
        yield container


def _length_s(container: InputContainer) -> float | None:
    if container.duration is None or container.duration <= 0:
        return None
    return container.duration / av.time_base


def _too_long(path: Path, how: str, max_seconds: float) -> str:
    return f"'{path}' {how}; at most {max_seconds:g} s are read: cut it"


def _check_size(path: Path, width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE or width * height > MAX_SOURCE_PIXELS:
        raise ClipError(
            f"'{path}' is {width}x{height} pixels; wanted at least {MIN_SIDE} on each side and "
            f"at most {MAX_SOURCE_PIXELS // 1_000_000} megapixels"
        )


def _upright(path: Path, decoded: av.VideoFrame) -> RgbImage:
    """(H, W, 3) RGB, turned as the file says, pixels square, no side above `MAX_SIDE`."""
    _check_size(path, decoded.width, decoded.height)
    aspect = float(getattr(decoded, "sample_aspect_ratio", None) or 1)
    width = decoded.width * (aspect if 0.1 < aspect < 10 else 1.0)
    shrink = min(1.0, MAX_SIDE / max(width, decoded.height))
    pixels = decoded.to_ndarray(
        format="rgb24",
        width=max(MIN_SIDE, round(width * shrink)),
        height=max(MIN_SIDE, round(decoded.height * shrink)),
        interpolation="AREA" if shrink < 1 else "BICUBIC",
    )
    return np.ascontiguousarray(np.rot90(pixels, k=round(decoded.rotation / 90) % 4))
