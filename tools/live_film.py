"""A film for a browser's camera, of known truth: each of the 52 face units rises and falls.

Every frame carries its number as black and white blocks at the bottom, so that it is known which
frames the page took. A film is JPEG pictures one after the other: Chromium's
`--use-file-for-fake-video-capture` plays it again and again at 30 frames a second.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from dasl.arrays import FloatArray, RgbImage
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.reconstruction.face import Face
from tools.moving_head import RATE, MovingHead, moving_head

BITS, BLOCK_PX = 12, 16
_PULSE_S, _STEP_S = 0.8, 0.28
_QUALITY = 95
_END = b"\xff\xd9"
TOGETHER = {"tongueOut": ("jawOpen", 0.6), "mouthClose": ("jawOpen", 0.5)}
"""Units that only move with another one, and by how much."""
ROUNDS = 2


def unit_groups(names: Sequence[str]) -> list[tuple[int, ...]]:
    """Indices of units that move together: left and right, and both eyes for a direction."""
    partner = {"InLeft": "OutRight", "OutLeft": "InRight"}
    groups, used = [], set()
    for name in names:
        if name in used:
            continue
        stem = name.removesuffix("Left")
        other = f"{stem}Right" if stem != name and stem not in ("jaw", "mouth") else name
        for end, crossed in partner.items():
            if name == f"eyeLook{end}":
                other = f"eyeLook{crossed}"
        used |= {name, other}
        groups.append(tuple(sorted({names.index(name), names.index(other)})))
    return groups


def unit_waves(names: Sequence[str], seed: int = 7) -> FloatArray:
    """(N, 52) weights: pulses of 0.8 s, three groups at a time, every group in each round.

    Args:
        names: of the units.
        seed: of order and heights. In the second round left and right differ.
    """
    random = np.random.default_rng(seed)
    groups = unit_groups(names)
    order = [at for _ in range(ROUNDS) for at in random.permutation(len(groups))]
    count = round((len(order) * _STEP_S + _PULSE_S) * RATE)
    weights = np.zeros((count, len(names)), np.float32)
    time_s = np.arange(count) / RATE
    for place, group in enumerate(order):
        share = (time_s - place * _STEP_S) / _PULSE_S
        pulse = np.where((share > 0) & (share < 1), 0.5 - 0.5 * np.cos(2 * np.pi * share), 0)
        is_first = place < len(groups)
        for unit in groups[group]:
            height = 0.9 if is_first else random.uniform(0.2, 1.0)
            weights[:, unit] = np.maximum(weights[:, unit], height * pulse)
            if names[unit] in TOGETHER:
                other, with_it = TOGETHER[names[unit]]
                at = list(names).index(other)
                weights[:, at] = np.maximum(weights[:, at], with_it * pulse)
    return weights


def moving_units(face: Face, size: tuple[int, int], noise: float) -> MovingHead:
    """A head that turns a little while its units rise and fall.

    Args:
        face: the face to render.
        size: width, height, pixels.
        noise: of the camera.
    """
    expression = unit_waves(face.model.expression_names)
    count = len(expression)
    still = moving_head(face, count, size, noise)
    time = np.arange(count, dtype=np.float32) / RATE
    angles = np.stack(
        [
            amount * np.sin(2 * np.pi * hertz * time)
            for amount, hertz in ((15, 0.23), (7, 0.31), (4, 0.17))
        ],
        axis=1,
    )
    pose = still.coefficients.pose
    turned = Pose(rotation_from_euler_deg(angles), pose.scale, pose.translation)
    coefficients = Coefficients(turned, still.coefficients.identity, expression)
    return MovingHead(still.head, coefficients, size, noise)


def numbered(pixels: RgbImage, number: int) -> RgbImage:
    """A copy with the number in blocks at the bottom left, lowest bit first."""
    marked = pixels.copy()
    for bit in range(BITS):
        left = bit * BLOCK_PX
        marked[-BLOCK_PX:, left : left + BLOCK_PX] = 255 * (number >> bit & 1)
    return marked


def write_film(path: Path, pictures: Iterable[RgbImage]) -> Path:
    """Write pictures as a camera's film."""
    with path.open("wb") as out:
        for pixels in pictures:
            Image.fromarray(pixels).save(out, "JPEG", quality=_QUALITY)
    return path


def film_pictures(path: Path) -> Iterator[RgbImage]:
    """The pictures of a film, as they are after JPEG."""
    for content in film_files(path):
        yield np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def film_files(path: Path) -> Iterator[bytes]:
    """The JPEG files that a film is made of."""
    for part in path.read_bytes().split(_END)[:-1]:
        yield part + _END
