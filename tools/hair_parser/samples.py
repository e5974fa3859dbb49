"""Labelled pictures, and the changed copies of them that the hair network learns from."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dasl.arrays import FloatArray
from dasl.export.hair.labels import MM_PER_PIXEL
from dasl.network.hair_parser import PARTS, parser_planes

Bytes = NDArray[np.uint8]

UNKNOWN = 255
"""Label of pixels beyond a picture; they are not learned."""
_PX_PER_M = 1000.0 / MM_PER_PIXEL
_ZOOM, _TURN_RAD, _SHIFT = 0.22, 0.22, 0.28
"""Limit of the logarithm of zooms, deviation of turns, and limit of shifts as a share of the side.
"""
_GREY_SHARE, _TINT, _GAMMA, _CONTRAST, _LIGHT = 0.12, 0.08, 0.25, 0.15, 12.0
_BLURRED_SHARE, _BLUR_PX, _NOISE = 0.3, (0.4, 1.3), 6.0
_EMPTY_SHARE, _UNSURE_SHARE = 0.5, 0.15
"""Shares of samples that show noise beyond the picture, and of those without a person's outline."""
_SPOILT_SHARE, _SPOILT_CELLS, _SPOILT_FROM = 0.35, 6, 1.1
"""Share of outlines with mistakes, cells of the noise that places them, and its least value there.
"""


@dataclass(frozen=True, eq=False)
class LabelledPicture:
    """A picture of one head.

    Attributes:
        picture: (H, W, 3) uint8 RGB.
        on_head: (H, W, 3) uint8, 255 times the shares of the fitted head, its scalp and its face.
        label: (H, W) indices into `PARTS`.
        place: (5,) of the head: x and y of its centre, pixels; pixels per metre; x and y of the
            unit vector upwards.
        share: (H, W) probability of the person; None to make one from the label.
    """

    picture: Bytes
    on_head: Bytes
    label: Bytes
    place: FloatArray
    share: FloatArray | None = None

    def planes(self) -> FloatArray:
        """The network's input for the whole picture, unchanged: (9, H, W)."""
        assert self.share is not None
        on_head = self.on_head.astype(np.float32) / 255
        place = self.place
        return parser_planes(
            self.picture, on_head, self.share, place[:2], place[3:], float(place[2])
        )


def sample(of: LabelledPicture, side: int, random: np.random.Generator) -> tuple[FloatArray, Bytes]:
    """A changed copy: shifted, turned, mirrored, in other light, blurred and noisy.

    Args:
        of: the picture.
        side: of the copy, pixels of about `MM_PER_PIXEL`.
        random: generator.

    Returns:
        Planes (9, side, side) and labels (side, side), `UNKNOWN` beyond the picture.
    """
    turn, zoom = random.normal(0.0, _TURN_RAD), np.exp(random.uniform(-_ZOOM, _ZOOM))
    linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = linear @ np.diag([random.choice([-1.0, 1.0]), 1.0])
    linear = linear * zoom * _PX_PER_M / of.place[2]
    centre = side * (0.5 + random.uniform(-_SHIFT, _SHIFT, 2))
    matrix = np.column_stack([linear, centre - linear @ of.place[:2]])
    up = linear @ of.place[3:]

    def moved(layer: NDArray[np.generic], method: int, **border: int) -> NDArray[np.generic]:
        return np.asarray(cv2.warpAffine(layer, matrix, (side, side), flags=method, **border))

    label = moved(of.label, cv2.INTER_NEAREST, borderValue=UNKNOWN)
    picture = moved(of.picture, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    on_head = moved(of.on_head, cv2.INTER_LINEAR).astype(np.float32) / 255
    if of.share is None:
        share = _outline(label, random)
    else:
        share = moved(of.share, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if random.random() < _UNSURE_SHARE:
        share = np.full_like(share, 0.5)
    picture = _in_other_light(picture.astype(np.float32), random)
    if random.random() < _EMPTY_SHARE:
        empty = label == UNKNOWN
        colours = random.uniform(0, 255, 3) + random.normal(0, 20, (int(empty.sum()), 3))
        picture[empty] = colours.clip(0, 255)
    up = up / np.linalg.norm(up)
    return parser_planes(picture, on_head, share, centre, up, _PX_PER_M), label


def _in_other_light(picture: FloatArray, random: np.random.Generator) -> FloatArray:
    if random.random() < _GREY_SHARE:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    picture = (picture * np.exp(random.normal(0, _TINT, 3))).clip(0, 255)
    picture = 255 * (picture / 255) ** np.exp(random.normal(0, _GAMMA))
    picture = (picture - 128) * np.exp(random.normal(0, _CONTRAST)) + 128
    if random.random() < _BLURRED_SHARE:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), random.uniform(*_BLUR_PX)))
    noise = random.normal(0, random.uniform(0, _NOISE), picture.shape)
    return np.asarray((picture + random.normal(0, _LIGHT) + noise).clip(0, 255), dtype=np.float32)


def _outline(label: Bytes, random: np.random.Generator) -> FloatArray:
    """A person's outline as a segmentation might find it: (H, W) in [0, 1]."""
    width = int(random.integers(1, 8))
    near = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    change = cv2.dilate if random.random() < 0.5 else cv2.erode
    person = change((label != PARTS.index("background")).astype(np.uint8), near)
    share = cv2.GaussianBlur(person.astype(np.float32), (0, 0), random.uniform(0.5, 3.0))
    if random.random() < _SPOILT_SHARE:
        cells = random.normal(size=(_SPOILT_CELLS, _SPOILT_CELLS)).astype(np.float32)
        noise = cv2.resize(cells, label.shape[::-1], interpolation=cv2.INTER_CUBIC)
        share = np.where(noise > _SPOILT_FROM, 1 - share, share)
    return np.asarray(share, dtype=np.float32)
