"""Fuzz test of all readers with mutated files: each must read a file or refuse it with a message.

    python -m tools.mutate_files images --count 10000
    python -m tools.mutate_files clips --count 2000

Files are damaged as by bad disks and broken downloads: bytes changed, left out, or the end cut off.
Prints how many were read, how many were refused with a message, and how many ended in another
error; files of the last kind are kept, and the exit status is then 1.
"""

import argparse
import io
import itertools
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from PIL import Image

from dasl.datasets.photo_folder import read_photo_folder
from dasl.errors import DaslError, notices_to
from dasl.photo.load import load_photo
from dasl.video.clip import Clip
from dasl.video.overlay import write_film
from eval.errors import EvalError
from eval.submissions.submission import read_submission
from tests.mutation import mutated

HEIC = Path(__file__).parents[1] / "tests/dasl/photo/files/four_to_three.heic"
IMAGES: Mapping[str, tuple[str, dict[str, object]]] = {
    "baseline.jpg": ("JPEG", {}),
    "progressive.jpg": ("JPEG", {"progressive": True}),
    "photo.png": ("PNG", {}),
    "photo.webp": ("WEBP", {}),
    "photo.avif": ("AVIF", {}),
    "photo.jp2": ("JPEG2000", {}),
    "lzw.tif": ("TIFF", {"compression": "tiff_lzw"}),
    "jpeg.tif": ("TIFF", {"compression": "jpeg"}),
    "photo.bmp": ("BMP", {}),
    "photo.gif": ("GIF", {}),
    "photo.ppm": ("PPM", {}),
}
"""Names of the files, with Pillow's format and options; HEIC comes from the tests."""
CLIPS = {"clip.mp4": "aac", "clip.mov": "pcm_s16le", "clip.mkv": "pcm_s16le", "clip.avi": "mp2"}
"""Names of the clips, and the codec of their sound."""
_SIDE, _FRAMES, _RATE = 96, 10, 16_000


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Attributes:
        contents: whole files, by name.
        read: reads a file as the programs do.
    """

    contents: Mapping[str, bytes]
    read: Callable[[Path], object]


@dataclass
class Result:
    """The outcome for the files.

    Attributes:
        read: number of files that were read.
        refused: number of files that were refused with a message.
        failed: the files that ended in another error.
        slowest_s: longest time of one file, seconds.
    """

    read: int
    refused: int
    failed: list[Path]
    slowest_s: float


def images(folder: Path) -> Kind:
    """A photo in every format, read as by all programs."""
    noise = np.random.default_rng(0).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    photo = Image.fromarray(noise).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    contents = {"photo.heic": HEIC.read_bytes()}
    for name, (pillow_format, options) in IMAGES.items():
        buffer = io.BytesIO()
        photo.save(buffer, pillow_format, **options)
        contents[name] = buffer.getvalue()
    return Kind(contents, load_photo)


def clips(folder: Path) -> Kind:
    """A second of video and sound in four containers, re-encoded with its sound."""

    def read(path: Path) -> None:
        write_film(path.with_name("film.mp4"), Clip.open(path).frames(), sound_from=path)

    contents = {name: _clip(folder / name, codec) for name, codec in CLIPS.items()}
    return Kind(contents, read)


def submissions(folder: Path) -> Kind:
    """Landmarks of 20 images, as `python -m eval score` reads them."""
    landmarks = np.random.default_rng(0).random((20, 68, 3), dtype=np.float32)
    ids = np.array([f"image{number:05d}" for number in range(len(landmarks))])
    contents = {}
    for name, save in (("stored.npz", np.savez), ("packed.npz", np.savez_compressed)):
        buffer = io.BytesIO()
        save(buffer, ids=ids, landmarks=landmarks)
        contents[name] = buffer.getvalue()
    return Kind(contents, read_submission)


def annotations(folder: Path) -> Kind:
    """Landmarks of one photo in four formats, read as a training set."""
    Image.fromarray(np.zeros((180, 220, 3), np.uint8)).save(folder / "anna.png")
    points = np.random.default_rng(0).uniform(60.0, 150.0, (68, 2)).round(2)
    listed = ",".join(f"[{x},{y}]" for x, y in points)
    columns = ",".join(f"x{number},y{number}" for number in range(len(points)))
    texts = {
        "anna.pts": "version: 1\n{\n" + "\n".join(f"{x} {y}" for x, y in points) + "\n}\n",
        "anna.json": f"[{listed}]",
        "landmarks.json": f'{{"anna.png": [{listed}]}}',
        "landmarks.csv": f"name,{columns}\nanna.png,{','.join(map(str, points.flatten()))}\n",
    }
    contents = {name: text.encode() for name, text in texts.items()}
    return Kind(contents, lambda path: read_photo_folder(path.parent))


KINDS = {each.__name__: each for each in (images, clips, submissions, annotations)}


def measure(kind: Kind, count: int, folder: Path, seed: int = 2026) -> Result:
    """Read this many mutated files, each alone in the folder.

    Args:
        kind: of `KINDS`.
        count: number of files, the same for each original.
        folder: mutated files are written there; those that fail stay, in a folder `failed`.
        seed: of the mutations.
    """
    random = np.random.default_rng(seed)
    result = Result(0, 0, [], 0.0)
    for number, name in zip(range(count), itertools.cycle(kind.contents)):
        content, path = mutated(kind.contents[name], random), folder / name
        path.write_bytes(content)
        start = time.perf_counter()
        try:
            with notices_to(lambda text: None):
                kind.read(path)
            result.read += 1
        except (DaslError, EvalError):
            result.refused += 1
        except Exception:  # an unexpected error
            traceback.print_exc()
            kept = folder / "failed" / f"{number:05d}_{name}"
            kept.parent.mkdir(exist_ok=True)
            kept.write_bytes(content)
            result.failed.append(kept)
        result.slowest_s = max(result.slowest_s, time.perf_counter() - start)
        path.unlink()
    return result


def _clip(path: Path, codec: str) -> bytes:
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(_RATE) / _RATE, dtype=np.float32)
    with av.open(str(path), "w") as container:
        film = container.add_stream("libx264", rate=_FRAMES)
        film.width = film.height = _SIDE
        film.pix_fmt = "yuv420p"
        sound = container.add_stream(codec, rate=_RATE, layout="mono")
        for _ in range(_FRAMES):
            picture = np.full((_SIDE, _SIDE, 3), 90, np.uint8)
            container.mux(film.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        for first in range(0, len(tone), 1024):
            part = av.AudioFrame.from_ndarray(tone[None, first : first + 1024], "fltp", "mono")
            part.sample_rate, part.pts = _RATE, first
            container.mux(sound.encode(part))
        container.mux(film.encode())
        container.mux(sound.encode())
    content = path.read_bytes()
    path.unlink()
    return content


def main() -> int:
    """Print the outcome; returns 1 if a file ended in an error that is not ours."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--count", type=int, default=1000, help="of files; default: %(default)s")
    parser.add_argument("--seed", type=int, default=2026, help="default: %(default)s")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # the decoders' own, of EXIF and the like
    folder = Path(tempfile.mkdtemp(prefix="mutated-"))
    result = measure(KINDS[options.kind](folder), options.count, folder, options.seed)
    print(
        f"{options.count} mutated {options.kind}: {result.read} read, {result.refused} refused, "
        f"{len(result.failed)} other errors; slowest {result.slowest_s:.1f} s{_peak()}"
    )
    for path in result.failed:
        print(path)
    return 1 if result.failed else 0


def _peak() -> str:
    """Peak memory in words; none on Windows."""
    try:
        import resource
    except ImportError:
        return ""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return f", peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
