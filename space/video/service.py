"""Processes a visitor's clip: tracks, smooths, draws landmarks, and writes the files."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dasl.errors import DaslError, NoFaceFound
from dasl.export.save import write_files
from dasl.head.morphable_model import MorphableModel
from dasl.pictures import PICTURES
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.video import Clip, Frame, Track, TrackedClip, smoothed_track, track_clip
from dasl.video.animation import animated_glb
from dasl.video.overlay import drawn_frames, write_film
from dasl.video.table import csv_table, json_table
from space.settings import MAX_CLIP_S

MAX_RATE = 30.5
"""Most frames per second that are processed; faster clips lose frames."""

MAX_HEADS = 4
"""Most people for whom heads are made; the film and the tables contain everybody."""

Report = Callable[[float, str], None]
"""Receives the progress, 0 to 1, and the current step."""


@dataclass(frozen=True, eq=False)
class ClipAnswer:
    """The results for a clip.

    Attributes:
        film: the clip with landmarks and its sound, MP4 with H.264.
        heads: an animated GLB for each of the first people, in order of appearance.
        csv: pose and expression of each person in each frame.
        json: the same, with descriptions of the values.
        people: a text for each person: number, frames and seconds seen.
        damage: why the clip was not read to its end, or None.
        chosen: index of the head shown.
    """

    film: Path
    heads: tuple[Path, ...]
    csv: Path
    json: Path
    people: tuple[str, ...]
    damage: DaslError | None
    chosen: int = 0

    @property
    def head(self) -> Path:
        """The chosen head."""
        return self.heads[self.chosen]


def answer_clip(
    path: Path, folder: Path, reconstructor: FaceReconstructor, report: Report
) -> ClipAnswer:
    """Tracks the faces in a clip's first `MAX_CLIP_S` seconds and writes the result files.

    Args:
        path: an uploaded file, of any type.
        folder: an existing folder for the files.
        reconstructor: detects faces and predicts their coefficients.
        report: receives the progress.

    Raises:
        ClipError: the file is not a clip, is damaged at its start, or is too large.
        NoFaceFound: there is no face on it.
    """
    clip = Clip.open(path, MAX_CLIP_S)
    followed = _reported(_thinned(clip), clip.frame_count, (0.0, 0.5), "Following faces", report)
    tracked = track_clip(followed, reconstructor)
    if not tracked.tracks:
        raise tracked.damage or NoFaceFound(
            f"no face found in the {tracked.frame_count} frames of this clip; use one in which a "
            "face is at least 20 pixels wide, lit, and not covered"
        )
    model, statistics = reconstructor.model, reconstructor.statistics
    tracks = tuple(smoothed_track(track, model, statistics) for track in tracked.tracks)
    film = _film(clip, tracked, tracks, model, folder, report)
    report(0.9, "Making the heads")
    heads = tuple(_head(track, model, folder) for track in tracks[:MAX_HEADS])
    csv, json = folder / "expressions.csv", folder / "expressions.json"
    names = model.expression_names
    write_files({csv: csv_table(tracks, names), json: json_table(tracked, tracks, names)})
    people = tuple(_in_words(track) for track in tracks)
    return ClipAnswer(film, heads, csv, json, people, tracked.damage)


def _film(
    clip: Clip,
    tracked: TrackedClip,
    tracks: tuple[Track, ...],
    model: MorphableModel,
    folder: Path,
    report: Report,
) -> Path:
    frames = islice(_thinned(clip), tracked.frame_count)
    drawn = drawn_frames(frames, tracks, model, PICTURES["landmarks"])
    shown = _reported(drawn, tracked.frame_count, (0.5, 0.9), "Drawing the film", report)
    return write_film(folder / "overlay.mp4", shown, sound_from=clip.path)


def _head(track: Track, model: MorphableModel, folder: Path) -> Path:
    path = folder / f"person{track.number}.glb"
    write_files({path: animated_glb(track, model)})
    return path


def _thinned(clip: Clip) -> Iterator[Frame]:
    """At most `MAX_RATE` frames per second, renumbered."""
    count, last_s = 0, -1.0
    for frame in clip.frames():
        if frame.time_s - last_s >= 1 / MAX_RATE:
            yield Frame(count, frame.time_s, frame.pixels)
            count, last_s = count + 1, frame.time_s


def _reported(
    frames: Iterable[Frame],
    count: int | None,
    span: tuple[float, float],
    what: str,
    report: Report,
) -> Iterator[Frame]:
    start, stop = span
    for number, frame in enumerate(frames):
        share = min(1.0, number / count) if count else 0.5
        report(start + (stop - start) * share, what)
        yield frame


def _in_words(track: Track) -> str:
    first, last = track.samples[0].time_s, track.samples[-1].time_s
    return f"Person {track.number}: {len(track.samples)} frames, {first:.1f} to {last:.1f} s"
