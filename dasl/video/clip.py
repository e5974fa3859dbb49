"""Reads a clip frame by frame, upright and with its own times; clips are untrusted.

Only local files in containers of `CONTAINERS` are opened; otherwise FFmpeg would follow playlists
to other files and addresses. One frame is in memory at a time.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import Type
from av.stream import Disposition
from av.video.stream import VideoStream

from dasl.arrays import RgbImage
from dasl.errors import DaslError, notice
from dasl.photo.files import SUFFIXES
from dasl.video.colours import srgb_pixels
from dasl.video.dolby import closed_profile

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,gif"
DEFAULT_MAX_SECONDS = 60.0
MAX_SIDE = 1920
"""Largest side of returned frames, pixels; larger ones, such as 4K, are reduced."""
MAX_SOURCE_PIXELS = 8192 * 4320
MAX_FRAMES_PER_S = 240
MIN_SIDE = 16
DAMAGE = (av.FFmpegError, IndexError)
"""Errors of PyAV on damaged data; IndexError for a stream that no header declares."""
_NEXT_FRAME_S = 1e-3  # if a frame's time is not later than the previous one's


class ClipError(DaslError, ValueError):
    """A clip is missing, damaged, too large or has no video."""


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
    """A readable clip, from `Clip.open`; `frames` can be read repeatedly.

    Attributes:
        path: the file.
        frame_count: stated in the file or estimated from its length, or None; for progress bars.
        max_seconds: later frames are left out, with a warning.
    """

    path: Path
    frame_count: int | None
    max_seconds: float = DEFAULT_MAX_SECONDS

    @classmethod
    def open(cls, path: str | os.PathLike[str], max_seconds: float = DEFAULT_MAX_SECONDS) -> "Clip":
        """Check the file's header.

        Raises:
            ClipError: the file is missing, empty, not a clip, without video or too large.
        """
        if not 0 < max_seconds < float("inf"):
            raise ClipError(f"the longest length must be positive seconds, got {max_seconds:g}")
        path = Path(path)
        with opened_clip(path) as container:
            video = pictures_of(container)
            _check_size(path, video.codec_context.width, video.codec_context.height)
            length_s, rate = _length_s(container), float(video.average_rate or 0)
            count = video.frames or round((length_s or 0) * rate)
            if length_s is not None and length_s > max_seconds:
                count = min(count, round(max_seconds * rate))
            profile = closed_profile(path)
            if profile is not None:
                notice(
                    f"'{path}' is Dolby Vision of profile {profile}, whose colours cannot be "
                    "decoded: shapes are right, colours and textures are not; save it as SDR or "
                    "HDR10 first"
                )
            return cls(path, count or None, max_seconds)

    def frames(self) -> Iterator[Frame]:
        """The frames in display order, up to `max_seconds`.

        Rotation, mirroring, pixel aspect ratio and colours are applied as in players.

        Raises:
            ClipError: the clip is damaged (after yielding the frames before the damage) or has no
                frame.
        """
        index, start_s, time_s, shape = 0, 0.0, -1.0, None
        try:
            with opened_clip(self.path) as container:
                video = pictures_of(container)
                video.thread_type = "AUTO"
                rate = float(video.average_rate or 30)
                for decoded in container.decode(video):
                    at_s = decoded.time if decoded.time is not None else start_s + index / rate
                    start_s = at_s if index == 0 else start_s
                    time_s = max(at_s - start_s, time_s + _NEXT_FRAME_S) if index else 0.0
                    if time_s >= self.max_seconds or index >= self.max_seconds * MAX_FRAMES_PER_S:
                        notice(
                            f"'{self.path}' is longer than {self.max_seconds:g} s, the limit; "
                            "the rest is ignored"
                        )
                        return
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


@contextmanager
def opened_clip(path: Path) -> Iterator[InputContainer]:
    """A container with at least one video stream.

    Raises:
        ClipError: the file is missing, empty, or not a clip.
    """
    _check_file(path)
    options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
    try:
        container = av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        wanted = "wanted a clip such as MP4, MOV, WebM, MKV, AVI or GIF, whole and readable"
        if path.suffix.lower() in SUFFIXES:
            wanted = "for a photo: python -m dasl reconstruct"
        raise ClipError(f"'{path}' cannot be opened: {error.strerror}; {wanted}") from error
    with container:
        if not container.streams.video:
            raise ClipError(f"'{path}' has no video stream, only sound or text; name a clip")
        if pictures_of(container).codec_context is None:
            raise ClipError(f"'{path}' uses an unknown codec; save it as H.264 in MP4")
        yield container


def pictures_of(container: InputContainer) -> VideoStream:
    """The clip's video stream, also if a cover picture comes first.

    FFmpeg's choice, unless that is a cover or has a single frame while another stream has more.
    """
    streams = container.streams.video
    moving = [one for one in streams if not one.disposition & Disposition.attached_pic]
    moving = [one for one in moving if one.frames > 1] or moving or list(streams)
    best = container.streams.best("video")
    return best if isinstance(best, VideoStream) and best in moving else moving[0]


def _check_file(path: Path) -> None:
    try:
        mode, size = path.stat().st_mode, path.stat().st_size
    except ValueError as error:
        raise ClipError(f"{str(path)!r} cannot be a path ({error}); check it") from error
    except FileNotFoundError as error:
        raise ClipError(f"'{path}' does not exist; check the path") from error
    except OSError as error:
        raise ClipError(f"'{path}' cannot be read: {error.strerror}; check the path") from error
    if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
        raise ClipError(f"'{path}' is a pipe or a device; a clip is read twice: save it to a file")
    if not stat.S_ISREG(mode):
        raise ClipError(f"'{path}' is not a file; name one clip")
    if size == 0:
        raise ClipError(f"'{path}' is empty (0 bytes); get a whole copy")


def _length_s(container: InputContainer) -> float | None:
    if container.duration is None or container.duration <= 0:
        return None
    return container.duration / av.time_base


def _check_size(path: Path, width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE or width * height > MAX_SOURCE_PIXELS:
        raise ClipError(
            f"'{path}' is {width}x{height} pixels; wanted at least {MIN_SIDE} on each side and "
            f"at most {MAX_SOURCE_PIXELS // 1_000_000} megapixels"
        )


def _upright(path: Path, decoded: av.VideoFrame) -> RgbImage:
    """(H, W, 3) sRGB, rotated as the file states, square pixels, no side above `MAX_SIDE`."""
    _check_size(path, decoded.width, decoded.height)
    aspect = float(getattr(decoded, "sample_aspect_ratio", None) or 1)
    width = decoded.width * (aspect if 0.1 < aspect < 10 else 1.0)
    shrink = min(1.0, MAX_SIDE / max(width, decoded.height))
    size = max(MIN_SIDE, round(width * shrink)), max(MIN_SIDE, round(decoded.height * shrink))
    return np.ascontiguousarray(_displayed(srgb_pixels(decoded, *size), decoded))


def _displayed(pixels: RgbImage, decoded: av.VideoFrame) -> RgbImage:
    """Apply the display matrix, with the rotation rounded to a multiple of 90 degrees.

    The matrix (a b u; c d v; x y w, 32-bit fixed point) maps a pixel (x, y) to
    (a x + c y, b x + d y): ISO/IEC 14496-12, section 8.3.2.
    """
    try:
        matrix = decoded.side_data[Type.DISPLAYMATRIX]  # type: ignore[typeddict-item]
    except KeyError:
        return pixels
    a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5].tolist()
    across, down = a, d
    if abs(b) > abs(a):
        pixels, across, down = pixels.transpose(1, 0, 2), c, b
    return pixels[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1]
