"""The overlay video: the clip with faces drawn on it, as H.264 in MP4, which browsers play."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from dasl.arrays import RgbImage
from dasl.atomic_files import replacing
from dasl.errors import ExportError
from dasl.export.save import unwritable
from dasl.geometry.coefficients import concatenated
from dasl.head.morphable_model import MorphableModel
from dasl.pictures import Draw
from dasl.pictures.film_colours import film_picture, tag_colours
from dasl.reconstruction.face import Face, faces_from_coefficients
from dasl.video.ahead import ahead
from dasl.video.clip import Frame
from dasl.video.samples import Sample, Track
from dasl.video.sound import sound_of

TICKS_PER_S = 90_000
"""Time base of the video; MPEG's own, fine enough for any frame rate."""
ENCODER: dict[str, object] = {
    "preset": "superfast",
    "crf": "21",
    "x264-params": "mbtree=1:rc-lookahead=10",
}
"""Reduces the file size of preset "superfast", at less cost than preset "veryfast"."""
NOMINAL_RATE = 30
_TICK = Fraction(1, TICKS_PER_S)
_LABEL_SHARE = 0.045  # height of a number relative to the frame's; the same for every face


def drawn_frames(
    frames: Iterable[Frame], tracks: Sequence[Track], model: MorphableModel, draw: Draw
) -> Iterable[Frame]:
    """The frames with every person's face drawn and numbered.

    Args:
        frames: of the clip that `tracks` came from.
        tracks: people.
        model: the head model.
        draw: draws faces on a picture without changing its size.
    """
    people = [
        (track.number, {sample.frame: sample for sample in track.samples}) for track in tracks
    ]
    for frame in ahead(frames):
        seen = [(number, of[frame.index]) for number, of in people if frame.index in of]
        pixels = frame.pixels
        if seen:
            faces = faces_of([sample for _, sample in seen], pixels, model)
            pixels = np.require(draw(pixels, faces), requirements=["C", "W"])
            for number, sample in seen:
                _write_number(pixels, number, sample)
        yield Frame(frame.index, frame.time_s, pixels)


def faces_of(samples: Sequence[Sample], pixels: RgbImage, model: MorphableModel) -> list[Face]:
    """Samples of one frame as faces with its pixels."""
    together = concatenated([sample.coefficients for sample in samples])
    boxes = np.stack([sample.box for sample in samples])
    confidences = [sample.confidence for sample in samples]
    return faces_from_coefficients(model, pixels, together, boxes, confidences)


def write_film(path: Path, frames: Iterable[Frame], sound_from: Path | None = None) -> Path:
    """Encode frames with their own times; sides are cropped to even lengths, as H.264 requires.

    Args:
        path: of the MP4 file; its folder must exist.
        frames: all of one size.
        sound_from: the clip whose sound is added; None for no sound.

    Returns:
        `path`.

    Raises:
        ExportError: the file cannot be written; nothing is left behind.
    """
    try:
        with replacing(path) as temporary:
            _encode(temporary, frames, sound_from)
    except OSError as error:
        raise unwritable(path, error.strerror or error) from error
    except av.FFmpegError as error:
        raise ExportError(f"cannot encode the film '{path}': {error.strerror}") from error
    return path


def _encode(path: Path, frames: Iterable[Frame], sound_from: Path | None) -> None:
    options = {"movflags": "faststart"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        film = container.add_stream("libx264", rate=NOMINAL_RATE)
        tag_colours(film)
        film.options = ENCODER
        film.codec_context.time_base = _TICK
        time_s, step_s = 0.0, 1 / NOMINAL_RATE
        with sound_of(sound_from, container) as write_sound_until:
            for frame in ahead(frames):
                if frame.index == 0:
                    film.height, film.width = (side // 2 * 2 for side in frame.pixels.shape[:2])
                step_s, time_s = frame.time_s - time_s, frame.time_s
                container.mux(film.encode(_picture(frame, film.height, film.width)))
                write_sound_until(time_s)
            container.mux(film.encode())
            write_sound_until(time_s + step_s)


def _picture(frame: Frame, height: int, width: int) -> av.VideoFrame:
    picture = film_picture(frame.pixels[:height, :width])
    picture.pts, picture.time_base = round(frame.time_s * TICKS_PER_S), _TICK
    return picture


def _write_number(pixels: RgbImage, number: int, sample: Sample) -> None:
    x0, y0 = sample.box[:2]
    height = max(11.0, _LABEL_SHARE * len(pixels))
    scale = height / 22  # pixels of a capital letter of this font at scale 1
    place = int(x0 - 0.8 * height), int(max(height + 2, y0 - 0.6 * height))
    font = cv2.FONT_HERSHEY_SIMPLEX
    for colour, thickness in (((0, 0, 0), 4.0), ((255, 255, 255), 1.6)):
        width = max(1, round(thickness * scale))
        cv2.putText(pixels, str(number), place, font, scale, colour, width, cv2.LINE_AA)
