"""`python -m dasl video`: a clip to an overlay video, animated heads and tables."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from dasl.commands.options import add_network_options
from dasl.errors import DaslError, ExportError, NoFaceFound
from dasl.export.names import short_stem
from dasl.export.save import write_files
from dasl.pictures import PICTURES
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.video.animation import animated_glb
from dasl.video.clip import DEFAULT_MAX_SECONDS, Clip, Frame
from dasl.video.overlay import drawn_frames, write_film
from dasl.video.samples import Track, TrackedClip
from dasl.video.smooth import smoothed_track
from dasl.video.table import csv_table, json_table, steadiness
from dasl.video.track import track_clip

EXAMPLES = """files written to DIR:
  CLIP_overlay.mp4         the clip with landmarks and its sound (H.264)
  CLIP_person1.glb         an animated textured head, one for each person
  CLIP_expressions.csv     pose and ARKit weights of each person in each frame
  CLIP_expressions.json    the same, with a description of the values, jitter and lag

examples:
  python -m dasl video clip.mp4 --output heads
  python -m dasl video clip.mov --output heads --draw mesh --seconds 120
"""
DRAWINGS = ("landmarks", "mesh", "pose")
"""The pictures that have the size of the frame."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `video`."""
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("clip", type=Path, metavar="CLIP", help="MP4, MOV, WebM, MKV, AVI, GIF")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder to write")
    add_network_options(parser)
    parser.add_argument(
        "--draw", choices=DRAWINGS, default="landmarks", help="overlay of the video"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=DEFAULT_MAX_SECONDS,
        metavar="N",
        help="process only the first N seconds of the clip; default: %(default)g",
    )
    parser.add_argument(
        "--unsmoothed", action="store_true", help="no temporal smoothing; each frame on its own"
    )


def run(args: argparse.Namespace) -> int:
    """Track the faces of a clip and write the overlay video, the heads and the tables.

    Returns:
        0, or 1 if the clip is damaged or a file could not be written; other files are kept.

    Raises:
        DaslError: the clip cannot be read, has no face, or the folder cannot be created.
    """
    clip = Clip.open(args.clip, args.seconds)
    try:
        args.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"cannot make the folder {args.output}: {error.strerror}") from error
    return _run(args, clip)


def _run(args: argparse.Namespace, clip: Clip) -> int:
    reconstructor = FaceReconstructor.from_pretrained(args.model, precision=args.precision)
    tracked = track_clip(_shown(clip.frames(), clip.frame_count, "following"), reconstructor)
    if not tracked.tracks:
        if tracked.damage is not None:
            raise tracked.damage
        raise NoFaceFound(
            f"no face found in the {tracked.frame_count} frames of '{args.clip}'; give a clip in "
            "which a face is at least 20 pixels wide"
        )
    tracks = tracked.tracks
    if not args.unsmoothed:
        model, statistics = reconstructor.model, reconstructor.statistics
        tracks = tuple(smoothed_track(track, model, statistics) for track in tracks)
    failed = _write_all(args, clip, tracked, tracks, reconstructor)
    if tracked.damage is not None:
        print(f"dasl: {tracked.damage}; the frames before it were used", file=sys.stderr)
    return 1 if failed or tracked.damage is not None else 0


def _write_all(
    args: argparse.Namespace,
    clip: Clip,
    tracked: TrackedClip,
    tracks: tuple[Track, ...],
    reconstructor: FaceReconstructor,
) -> bool:
    """Write the files, the small ones first; returns whether one failed."""
    model, stem = reconstructor.model, args.output / short_stem(clip.path.stem)

    def tables() -> list[Path]:
        files = {
            _beside(stem, "_expressions.csv"): csv_table(tracks, model.expression_names),
            _beside(stem, "_expressions.json"): json_table(tracked, tracks, model.expression_names),
        }
        write_files(files)
        return list(files)

    def head(track: Track) -> list[Path]:
        path = _beside(stem, f"_person{track.number}.glb")
        write_files({path: animated_glb(track, model)})
        return [path]

    def film() -> list[Path]:
        frames = islice(clip.frames(), tracked.frame_count)
        drawn = drawn_frames(frames, tracks, model, PICTURES[args.draw])
        shown = _shown(drawn, tracked.frame_count, "drawing")
        return [write_film(_beside(stem, "_overlay.mp4"), shown, sound_from=clip.path)]

    failed = False
    for write in (tables, *(lambda of=track: head(of) for track in tracks), film):
        try:
            for path in write():
                print(path)
        except DaslError as error:
            failed = True
            print(f"dasl: {error}", file=sys.stderr)
    for track in tracks:
        print(_in_words(track, tracked))
    return failed


def _in_words(track: Track, tracked: TrackedClip) -> str:
    """When a person was visible, and the effect of smoothing (`dasl.video.steadiness`)."""
    times = track.samples[0].time_s, track.samples[-1].time_s
    count = f"{len(track.samples)} frame{'s' if len(track.samples) > 1 else ''}"
    seen = f"person {track.number}: {count}, {times[0]:.2f} to {times[1]:.2f} s"
    jitter, before, lag = steadiness(track, tracked).values()
    if lag is None:
        return seen
    return f"{seen}; jitter {jitter:.2f} px (unsmoothed {before:.2f}), lag {lag:.1f} frames"


def _beside(stem: Path, ending: str) -> Path:
    return stem.with_name(stem.name + ending)


def _shown(frames: Iterable[Frame], count: int | None, what: str) -> Iterator[Frame]:
    yield from tqdm(frames, total=count, desc=what, unit="frame", file=sys.stderr)
