"""An animation of the result of `python -m dasl video`: docs/clip.webp.

    python -m tools.draw_clip
    python -m tools.draw_clip --photo me.jpg --seconds 4 --output me.webp

Left: a clip of a moving head (`tools.moving_head`) with its landmarks. Right: the head
reconstructed from the clip, in the smoothed poses and expressions.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from dasl import FaceReconstructor
from dasl.geometry.coefficients import Coefficients, concatenated
from dasl.pictures import PICTURES
from dasl.video import Track, smoothed_track, track_clip
from dasl.video.animation import head_of_track
from dasl.video.overlay import drawn_frames
from tools.moving_head import EXAMPLE, RATE, MovingHead, moving_head

OUTPUT = Path(__file__).parents[1] / "docs" / "clip.webp"
SIZE = 360, 320
NOISE = 3.0
EVERY = 2
"""Every n-th frame of the clip is kept, which gives 15 per second."""
QUALITY = 65


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photo", type=Path, default=EXAMPLE, help="whose head moves")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    pages = [Image.fromarray(page) for page in _pages(options.photo, options.seconds)]
    pages[0].save(
        options.output,
        save_all=True,
        append_images=pages[1:],
        duration=round(1000 * EVERY / RATE),
        loop=0,
        quality=QUALITY,
        method=6,
    )
    print(f"{options.output}  {options.output.stat().st_size / 1e6:.2f} MB")
    return 0


def _pages(photo: Path, seconds: float) -> list[np.ndarray]:
    reconstructor = FaceReconstructor.from_pretrained(device="cpu")
    model = reconstructor.model
    face = reconstructor(photo, strict=True)[0]
    clip = list(moving_head(face, round(seconds * RATE), SIZE, NOISE).frames())
    followed = track_clip(clip, reconstructor).tracks
    tracks = [smoothed_track(one, model, reconstructor.statistics) for one in followed]
    left = [frame.pixels for frame in drawn_frames(clip, tracks, model, PICTURES["landmarks"])]
    made = MovingHead(head_of_track(tracks[0], model), _coefficients(tracks[0]), SIZE, noise=0.0)
    right = [frame.pixels for frame in made.frames()]
    return [np.hstack(pair) for pair in zip(left[::EVERY], right[::EVERY], strict=True)]


def _coefficients(track: Track) -> Coefficients:
    return concatenated([sample.coefficients for sample in track.samples])


if __name__ == "__main__":
    raise SystemExit(main())
