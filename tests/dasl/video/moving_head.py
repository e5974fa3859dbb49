"""A clip with known truth: a textured head that turns, nods, speaks and comes nearer."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
import torch

from dasl.coefficients import Coefficients, Pose, rotation_from_euler_deg
from dasl.face import Face
from dasl.frames import image_from_model
from dasl.mesh import vertex_normals
from dasl.predictor import FaceReconstructor
from dasl.video.clip import Frame
from eval.rays import cast_along_z, pixel_grid

EXAMPLE = Path(__file__).parents[3] / "space" / "examples" / "astronaut.jpg"
RATE = 30
MILLISECOND = Fraction(1, 1000)
WIDTH, HEIGHT = 320, 240
NOISE = 8.0  # of the camera, of 255: what makes an unsmoothed track tremble


@dataclass(frozen=True, eq=False)
class MovingHead:
    """A clip and what it shows: (N, 68, 3) landmarks, image frame; coefficients of N frames."""

    frames: tuple[Frame, ...]
    landmarks: np.ndarray
    coefficients: Coefficients


@lru_cache(maxsize=1)
def reconstructor() -> FaceReconstructor:
    """With the embedded weights, on the CPU."""
    return FaceReconstructor.from_pretrained(device="cpu")


@lru_cache(maxsize=4)
def moving_head(count: int, width: int = WIDTH) -> MovingHead:
    """Renders a clip; the truth of frame 0 is that of every longer clip's frame 0."""
    face = reconstructor()(EXAMPLE)[0]
    truth = _motion(face, count, width)
    model = face.model
    shape = truth.identity, truth.expression
    vertices = image_from_model(model.vertices(*shape), truth.pose).numpy()
    random = np.random.default_rng(5)
    frames = []
    for index in range(count):
        picture = _rendered(face, vertices[index], width)
        noisy = picture + random.normal(0.0, NOISE, picture.shape)
        frames.append(Frame(index, index / RATE, noisy.clip(0, 255).astype(np.uint8)))
    landmarks = image_from_model(model.landmarks68(*shape), truth.pose).numpy()
    return MovingHead(tuple(frames), landmarks, truth)


def write_clip(path: Path, frames: Iterable[Frame], codec: str = "libx264") -> Path:
    """Any frames as a clip, at their own times."""
    with av.open(str(path), "w") as container:
        film = None
        for frame in frames:
            if film is None:
                film = container.add_stream(codec, rate=RATE, options={"crf": "16"})
                film.height, film.width = frame.pixels.shape[:2]
                film.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
                film.codec_context.time_base = MILLISECOND
            picture = av.VideoFrame.from_ndarray(frame.pixels, format="rgb24")
            picture.pts, picture.time_base = round(frame.time_s * 1000), MILLISECOND
            container.mux(film.encode(picture))
        container.mux(film.encode())
    return path


def _motion(face: Face, count: int, width: int) -> Coefficients:
    time = torch.arange(count) / RATE

    def wave(hertz: float, phase: float) -> torch.Tensor:
        return torch.sin(2 * torch.pi * (hertz * time + phase))

    angles = torch.stack([25 * wave(0.5, 0), 10 * wave(0.7, 0.2), 6 * wave(0.4, 0.5)], dim=1)
    expression = torch.zeros(count, face.model.expression_count)
    names = face.model.expression_names
    expression[:, names.index("jawOpen")] = 0.25 + 0.25 * wave(1.0, 0.0)
    expression[:, names.index("mouthSmileLeft")] = 0.3 + 0.3 * wave(0.4, 0.3)
    expression[:, names.index("mouthSmileRight")] = 0.3 + 0.3 * wave(0.4, 0.3)
    translation = torch.stack([width / 2 + 25 * wave(0.4, 0), HEIGHT / 2 + 8 * wave(0.6, 0)], dim=1)
    pose = Pose(rotation_from_euler_deg(angles), 620 * (1 + 0.12 * wave(0.3, 0)), translation)
    return Coefficients(pose, torch.from_numpy(face.identity).expand(count, -1), expression)


def _rendered(face: Face, vertices: np.ndarray, width: int) -> np.ndarray:
    """(H, W, 3) float: the head with its texture under a lamp, before a grey wall."""
    model, texture = face.model, face.texture()
    hits = cast_along_z(vertices, model.triangles.numpy(), pixel_grid(width, HEIGHT))
    seen = np.maximum(hits.triangle, 0)
    weight = hits.barycentric[..., None]
    uv = (model.uv.numpy()[model.uv_triangles.numpy()[seen]] * weight).sum(axis=1)
    normals = vertex_normals(vertices, model.triangles.numpy()[:, [0, 2, 1]])
    normal = (normals[model.triangles.numpy()[seen]] * weight).sum(axis=1)
    column = (uv[:, 0] * len(texture) - 0.5).astype(np.float32)
    row = ((1 - uv[:, 1]) * len(texture) - 0.5).astype(np.float32)
    places = column.reshape(HEIGHT, width), row.reshape(HEIGHT, width)
    colour = cv2.remap(texture, *places, cv2.INTER_LINEAR).reshape(-1, 3)
    lit = colour * (0.75 + 0.25 * normal[:, 2:].clip(0, 1))
    picture = np.where((hits.triangle >= 0)[:, None], lit, 150.0)
    return picture.reshape(HEIGHT, width, 3)
