"""Live frames from a camera, or from a clip in real time."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dasl.errors import DaslError
from dasl.video.clip import Clip, Frame

_LOST_FRAMES = 30
"""Consecutive failed reads after which a camera counts as disconnected."""
_WAIT_S = 0.05


class CameraError(DaslError, RuntimeError):
    """The camera does not exist or was disconnected."""


def camera_frames(index: int) -> Iterator[Frame]:
    """Yield a camera's newest frames; times are since the start.

    Args:
        index: of the camera, from 0.

    Raises:
        CameraError: it cannot be opened, or was disconnected.
    """
    import cv2

    camera = cv2.VideoCapture(index)
    try:
        if not camera.isOpened():
            raise CameraError(
                f"camera {index} cannot be opened: there is none, or another program uses it; plug "
                "it in, close that program, or name another one with --camera"
            )
        camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # a queue would only add latency
        start_s, count, failed = time.monotonic(), 0, 0
        while True:
            is_read, pixels = camera.read()
            if not is_read:
                failed += 1
                if failed >= _LOST_FRAMES:
                    raise CameraError(f"camera {index} was taken away; plug it in and start again")
                time.sleep(_WAIT_S)
                continue
            failed = 0
            rgb = np.ascontiguousarray(pixels[..., ::-1]).astype(np.uint8, copy=False)
            yield Frame(count, time.monotonic() - start_s, rgb)
            count += 1
    finally:
        camera.release()


def clip_frames(path: Path, at_once: bool) -> Iterator[Frame]:
    """Yield a clip's frames in real time, like a camera; late frames are dropped.

    Args:
        path: of the clip.
        at_once: yield all frames without waiting.

    Raises:
        DaslError: the clip cannot be read.
    """
    start_s = time.monotonic()
    for frame in Clip.open(path, float(sys.maxsize)).frames():
        ahead_s = start_s + frame.time_s - time.monotonic()
        if not at_once:
            if ahead_s < -_WAIT_S and frame.index:
                continue
            time.sleep(max(0.0, ahead_s))
        yield frame
