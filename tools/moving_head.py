"""A clip with known truth: a textured head that turns, nods, speaks and moves closer.

    python -m tools.moving_head clip.mp4                             # 10 s, 1280x720, 30 frames/s
    python -m tools.moving_head clip.mp4 --seconds 4 --size 640x480 --noise 0

The head is that of an example photo, in front of a plain wall, with camera noise. It is used by
tests, for its true landmarks, and by the benchmark.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.arrays import FloatArray
from dasl.export.textured_head import TexturedHead
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.mesh import vertex_normals
from dasl.head.projection import landmarks68_image, vertices_image
from dasl.reconstruction.face import Face
from dasl.video.clip import Frame
from eval.meshes.rays import cast_along_z

EXAMPLE = Path(__file__).parents[1] / "space" / "examples" / "astronaut.jpg"
RATE = 30
NOISE = 8.0
"""Standard deviation of the camera noise, of 255; it causes jitter in unsmoothed tracks."""
_HEAD_HEIGHT_M = 0.39  # the head, nearest, and room for its motion, in the shorter side
CRF = "18"
_WALL = 150.0
_MILLISECOND = Fraction(1, 1000)


@dataclass(frozen=True, eq=False)
class MovingHead:
    """The content of a clip.

    Attributes:
        head: the head, its texture.
        coefficients: of N frames, pose to image pixels.
        size: width, height, pixels.
        noise: standard deviation of the camera's noise, of 255.
    """

    head: TexturedHead
    coefficients: Coefficients
    size: tuple[int, int]
    noise: float = NOISE

    @property
    def landmarks(self) -> np.ndarray:
        """(N, 68, 3), image frame: the truth."""
        return landmarks68_image(self.head.model, self.coefficients)

    def frames(self) -> Iterator[Frame]:
        """The frames, rendered on demand; the noise is the same every time."""
        random = np.random.default_rng(5)
        texture = self.head.texture()
        for index in range(len(self.coefficients.identity)):
            one = self.coefficients.rows(index, index + 1)
            placed = vertices_image(self.head.model, one)[0]
            picture = _rendered(self.head, placed, texture, self.size)
            if self.noise:
                picture += random.normal(0.0, self.noise, picture.shape)
            yield Frame(index, index / RATE, picture.clip(0, 255).astype(np.uint8))


def moving_head(
    face: Face, count: int, size: tuple[int, int] = (320, 240), noise: float = NOISE
) -> MovingHead:
    """A head that turns 25 degrees to either side, nods, tilts, speaks, smiles and moves closer.

    Args:
        face: the face to render.
        count: number of frames; the first ones do not depend on it.
        size: width, height, pixels.
        noise: of the camera.
    """
    time = np.arange(count, dtype=np.float32) / RATE

    def wave(hertz: float, phase: float) -> FloatArray:
        return np.sin(2 * np.pi * (hertz * time + phase))

    angles = np.stack([25 * wave(0.5, 0), 10 * wave(0.7, 0.2), 6 * wave(0.4, 0.5)], axis=1)
    expression = np.zeros((count, face.model.expression_count), dtype=np.float32)
    names = face.model.expression_names
    expression[:, names.index("jawOpen")] = 0.25 + 0.25 * wave(1.0, 0.0)
    expression[:, names.index("mouthSmileLeft")] = 0.3 + 0.3 * wave(0.4, 0.3)
    expression[:, names.index("mouthSmileRight")] = 0.3 + 0.3 * wave(0.4, 0.3)
    width, height = size
    centre = [width / 2 + height / 10 * wave(0.4, 0), height / 2 + height / 30 * wave(0.6, 0)]
    scale = min(size) / _HEAD_HEIGHT_M * (1 + 0.12 * wave(0.3, 0))
    pose = Pose(rotation_from_euler_deg(angles), scale, np.stack(centre, axis=1))
    identity = np.repeat(face.identity[None], count, axis=0)
    return MovingHead(face.head, Coefficients(pose, identity, expression), size, noise)


def write_clip(path: Path, frames: Iterable[Frame], codec: str = "libx264") -> Path:
    """Write frames of one size as a clip, with their own times."""
    with av.open(str(path), "w") as container:
        film = None
        for frame in frames:
            if film is None:
                film = container.add_stream(codec, rate=RATE, options={"crf": CRF})
                film.height, film.width = frame.pixels.shape[:2]
                film.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
                film.codec_context.time_base = _MILLISECOND
            picture = av.VideoFrame.from_ndarray(frame.pixels, format="rgb24")
            picture.pts, picture.time_base = round(frame.time_s * 1000), _MILLISECOND
            container.mux(film.encode(picture))
        if film is not None:
            container.mux(film.encode())
    return path


def _rendered(
    head: TexturedHead, vertices: np.ndarray, texture: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """(H, W, 3) float32: the textured head under a lamp, in front of a grey wall."""
    picture = np.full((size[1], size[0], 3), _WALL, np.float32)
    # rays that miss the head would cost as much as those that hit it
    left, top = np.floor(vertices[:, :2].min(axis=0)).astype(int).clip(0, size).tolist()
    right, bottom = np.ceil(vertices[:, :2].max(axis=0)).astype(int).clip(0, size).tolist()
    rows, columns = np.mgrid[top:bottom, left:right]
    if rows.size == 0:
        return picture
    model, shape = head.model, rows.shape
    grid = np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32)
    triangles = model.triangles
    hits = cast_along_z(vertices, triangles, grid)
    seen, weight = np.maximum(hits.triangle, 0), hits.barycentric[..., None]
    uv = (model.uv[model.uv_triangles[seen]] * weight).sum(axis=1)
    normals = vertex_normals(vertices, triangles[:, [0, 2, 1]])
    facing = (normals[triangles[seen], 2] * hits.barycentric).sum(axis=1).reshape(shape)
    column = (uv[:, 0] * len(texture) - 0.5).astype(np.float32).reshape(shape)
    row = ((1 - uv[:, 1]) * len(texture) - 0.5).astype(np.float32).reshape(shape)
    lit = cv2.remap(texture, column, row, cv2.INTER_LINEAR).astype(np.float32)
    lit *= (0.75 + 0.25 * facing.clip(0, 1))[..., None]
    is_head = hits.hit.reshape(shape)
    picture[top:bottom, left:right][is_head] = lit[is_head]
    return picture


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"wanted a size such as 1280x720, got {text!r}")
    return int(width), int(height)


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path, help=".mp4, .mkv, .mov, .avi")
    parser.add_argument("--photo", type=Path, default=EXAMPLE, help="whose head")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--size", type=_size, default=(1280, 720), metavar="WxH")
    parser.add_argument("--noise", type=float, default=NOISE, help="of 255; default: %(default)g")
    options = parser.parse_args()
    face = FaceReconstructor.from_pretrained()(options.photo, strict=True)[0]
    count = round(options.seconds * RATE)
    shown = moving_head(face, count, options.size, options.noise)
    frames = tqdm(shown.frames(), total=count, unit="frame", file=sys.stderr)
    print(write_clip(options.output, frames))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
