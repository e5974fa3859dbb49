"""The hair network: tells hair, hats, skin and clothes apart on a small image of fixed scale.

A U-shaped network of 0.14 million weights (`tools.hair_parser`). Besides the picture it gets
the fitted head and the person's outline, so that it need not find them. Its file is an optional
part of a weights folder; without it, hair is told by its colours (`dasl.export.hair.labels`).
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dasl.arrays import FloatArray
from dasl.errors import WeightsError, check_shape
from dasl.runtime.sessions import session_options

if TYPE_CHECKING:
    import onnxruntime

HAIR_FILE = "hair.onnx"
"""Its name in a weights folder."""
PARTS = ("background", "skin", "hair", "hat", "clothes")
PLANES = 9
STEP = 16
"""The network takes sides that are multiples of it."""
_GREY, _CONTRAST, _UNIT_M, _FAR = 128.0, 64.0, 0.1, 3.0
"""Mean and scale of the network's colours; length that counts as 1, and the largest coordinate."""


@dataclass(frozen=True)
class HairParser:
    """The hair network in a file; safe to copy and to pickle.

    Attributes:
        path: of the ONNX file; read when first used.
    """

    path: Path

    def __call__(self, planes: FloatArray) -> FloatArray:
        """Tell the parts of a person apart.

        Args:
            planes: (9, H, W) float32 of `parser_planes`.

        Returns:
            (5, H, W) probabilities of `PARTS`.

        Raises:
            WeightsError: the file cannot be read or is not such a network.
        """
        check_shape("planes", planes, PLANES, "H", "W")
        height, width = planes.shape[1:]
        edges = ((0, 0), (0, -height % STEP), (0, -width % STEP))
        padded = np.pad(planes.astype(np.float32), edges, mode="edge")[None]
        session = _session(self.path)
        try:
            odds = session.run(None, {session.get_inputs()[0].name: padded})[0]
        except Exception as error:  # the runtime's errors share no other base
            raise WeightsError(f"{self.path} is no hair network ({error})") from error
        wanted = (1, len(PARTS), *padded.shape[2:])
        if odds.shape != wanted:
            raise WeightsError(
                f"{self.path} is no hair network: it gives {odds.shape}, not {wanted}"
            )
        odds = odds[0, :, :height, :width]
        shares = np.exp(odds - odds.max(axis=0))
        return np.asarray(shares / shares.sum(axis=0), dtype=np.float32)


def parser_planes(
    photo: NDArray[np.number],
    on_head: FloatArray,
    share: FloatArray,
    centre: FloatArray,
    up: FloatArray,
    scale: float,
) -> FloatArray:
    """The network's input.

    Args:
        photo: (H, W, 3) RGB, 0..255, `dasl.export.hair.labels.MM_PER_PIXEL` per pixel.
        on_head: (H, W, 3) shares of the fitted head, its scalp and its face.
        share: (H, W) probability that a pixel shows the person.
        centre: (2,) x, y of the head's centre, pixels.
        up: (2,) unit vector of the image, upwards along the head.
        scale: pixels per metre.

    Returns:
        (9, H, W) float32: red, green and blue; distance from the head's middle plane and height
        above its centre; `on_head`; `share`.
    """
    rows, columns = np.indices(photo.shape[:2])
    right, down = columns - centre[0], rows - centre[1]
    aside = np.abs(down * up[0] - right * up[1]) / (_UNIT_M * scale)
    above = (right * up[0] + down * up[1]) / (_UNIT_M * scale)
    return np.stack(
        [
            *np.moveaxis((photo - np.float32(_GREY)) / np.float32(_CONTRAST), -1, 0),
            aside.clip(-_FAR, _FAR),
            above.clip(-_FAR, _FAR),
            *np.moveaxis(on_head, -1, 0),
            share,
        ]
    ).astype(np.float32)


def parser_in(folder: Path) -> HairParser | None:
    """The hair network of a weights folder; None if it has none."""
    path = folder / HAIR_FILE
    return HairParser(path) if path.exists() else None


@lru_cache(maxsize=2)
def _session(path: Path) -> "onnxruntime.InferenceSession":
    import onnxruntime

    try:
        return onnxruntime.InferenceSession(
            path.read_bytes(), session_options(), providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # the runtime's errors share no other base
        raise WeightsError(f"cannot read {path} as a hair network ({error})") from error
