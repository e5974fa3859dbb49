"""A turntable animation of a textured head, as a GIF or an MP4."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dasl.arrays import RgbImage
from dasl.errors import ConfigError, ExportError
from dasl.export.options import HeadOptions
from dasl.export.save import write_files
from dasl.pictures.head import SMOOTH, draw_head, turntable_head
from dasl.pictures.movie import gif_bytes, mp4_bytes
from dasl.reconstruction.face import Face

MOVIES: dict[str, Callable[[Sequence[RgbImage], int], bytes]] = {
    ".gif": gif_bytes,
    ".mp4": mp4_bytes,
}
"""By suffix: the function from frames and frames per second to the file's bytes."""

SIZE = (384, 416)
"""Width and height of the frames, pixels; even, as H.264 with 4:2:0 requires."""

FRAME_LIMITS, FPS_LIMITS = (1, 600), (1, 50)
"""GIF players show at most 50 frames per second."""


def turntable_frames(
    face: Face, frames: int = 48, options: HeadOptions = SMOOTH
) -> Iterator[RgbImage]:
    """The upright head with its expression, in one full turn towards the image's left.

    Args:
        face: the head.
        frames: number of views, evenly spread; the first is frontal.
        options: of the head; with `align="camera"` it turns as it is held on the photo.

    Yields:
        (416, 384, 3) uint8 RGB, `SIZE`.

    Raises:
        ConfigError: `frames` is not in 1 to 600.
    """
    _check_number("frames", frames, FRAME_LIMITS)
    head = turntable_head(face.head, options)
    for index in range(frames):
        yield draw_head(head, 360.0 * index / frames, SIZE)


def write_turntable(
    path: str | os.PathLike[str],
    face: Face,
    frames: int = 48,
    fps: int = 16,
    options: HeadOptions = SMOOTH,
) -> Path:
    """Write the turntable animation; the suffix selects the format: .gif or .mp4 (H.264).

    Args:
        path: file to write, replaced if it exists.
        face: the head.
        frames: number of frames in one turn, 1 to 600.
        fps: frames per second, 1 to 50.
        options: see `turntable_frames`.

    Returns:
        The path written.

    Raises:
        ExportError: another suffix, no such folder, or the file cannot be written; nothing is left
            behind.
        ConfigError: `frames` or `fps` is out of range.
    """
    path = Path(path)
    if path.suffix.lower() not in MOVIES:
        raise ExportError(
            f"cannot write '{path}': the suffix must be one of {', '.join(MOVIES)}, "
            f"got {path.suffix or 'none'!r}"
        )
    if not path.parent.is_dir():  # checked before the work
        raise ExportError(
            f"cannot write '{path}': there is no folder '{path.parent}'; make it first"
        )
    _check_number("fps", fps, FPS_LIMITS)
    movie = MOVIES[path.suffix.lower()](list(turntable_frames(face, frames, options)), fps)
    write_files({path: movie})
    return path


def _check_number(name: str, value: int, limits: tuple[int, int]) -> None:
    low, high = limits
    if not low <= value <= high:
        raise ConfigError(
            f"{name} must be from {low} to {high}, got {value}; 60 frames at 20 fps turn in 3 s"
        )
