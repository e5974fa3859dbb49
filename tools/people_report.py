"""Measures what distinguishes people and shots in a clip, for the limits in `dasl.video`.

    python -m tools.people_report

Each example photo's head is animated in its own clip (`tools.moving_head`). The report prints how
far one person's predicted identity drifts while the head turns, how far people's identities are
apart, and the correlation of consecutive frames, within a clip and across a cut.
"""

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.video import Frame, Track, track_clip
from dasl.video.cuts import MIN_CORRELATION, correlation, in_small
from dasl.video.people import OTHER_IDENTITY_SD, SAME_IDENTITY_SD, WINDOW
from tools.moving_head import RATE, moving_head

EXAMPLES = Path(__file__).parents[1] / "space" / "examples"
SIZE, NOISE = (480, 360), 3.0


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, nargs="+", default=sorted(EXAMPLES.glob("*.jpg")))
    parser.add_argument("--seconds", type=float, default=4.0, help="of each clip")
    options = parser.parse_args()
    reconstructor = FaceReconstructor.from_pretrained(device="cpu")
    clips = []
    for photo in tqdm(options.photos, unit="clip", file=sys.stderr):
        face = reconstructor(photo, strict=True)[0]
        shown = moving_head(face, round(options.seconds * RATE), SIZE, NOISE)
        clips.append(tuple(shown.frames()))
    tracks = [_longest(track_clip(clip, reconstructor).tracks) for clip in clips]
    _print_identities(tracks)
    _print_agreement(clips)
    return 0


def _longest(tracks: tuple[Track, ...]) -> Track:
    return max(tracks, key=lambda track: len(track.samples))


def _print_identities(tracks: list[Track]) -> None:
    everything = [np.stack([sample.identity for sample in track.samples]) for track in tracks]
    typical = [np.median(identities, axis=0) for identities in everything]
    drift = [
        float(np.linalg.norm(np.median(part, axis=0) - middle))
        for identities, middle in zip(everything, typical, strict=True)
        for part in np.split(identities, range(WINDOW, len(identities), WINDOW))
    ]
    apart = [
        float(np.linalg.norm(one - other)) for one, other in itertools.combinations(typical, 2)
    ]
    print(
        f"one person's identity over {WINDOW} frames, from the whole clip's, SD: {_spread(drift)}"
    )
    print(f"two people's identities apart, SD: {_spread(apart)}")
    print(f"limits: the same below {SAME_IDENTITY_SD}, another above {OTHER_IDENTITY_SD}")


def _print_agreement(clips: list[tuple[Frame, ...]]) -> None:
    small = [[in_small(frame.pixels) for frame in clip] for clip in clips]
    within = [correlation(*pair) for clip in small for pair in itertools.pairwise(clip)]
    across = [correlation(one[-1], other[0]) for one, other in itertools.permutations(small, 2)]
    print(f"frames that follow each other agree within a clip: {_spread(within)}")
    print(f"over a cut to another clip: {_spread(across)}; limit: {MIN_CORRELATION}")


def _spread(values: list[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}, median {np.median(values):.2f}"


if __name__ == "__main__":
    raise SystemExit(main())
