"""Segmentation of hair around a head by the hair network."""

import cv2
import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.export.hair.camera import Camera
from dasl.export.hair.colour_model import HairColours, colour_model
from dasl.export.hair.labels import HairLabels, hanging
from dasl.export.hair.placed import MIDDLE_M, Mask, PlacedHead, placed_head
from dasl.head.morphable_model import MorphableModel
from dasl.network.hair_parser import PARTS, HairParser, parser_planes

_WITHIN = np.ones((7, 7), np.uint8)
"""Margin of samples of hair."""
_LEAST_SAMPLES = 40
_OUTSIDE, _ALIKE, _MOSTLY = 0.25, -1.5, 0.6
"""Share of the hair beyond the person's outline from which that is doubted; strangeness above which
a colour is the hair's, and least share of that area that has them."""


def parsed_labels(
    model: MorphableModel,
    vertices: FloatArray,
    camera: Camera,
    photo: RgbImage,
    share: FloatArray,
    parser: HairParser,
) -> HairLabels:
    """Segment hair with the hair network.

    Args:
        model: the head model.
        vertices: (V, 3) of the head, model frame, metres.
        camera: camera of `photo`.
        photo: (H, W, 3) uint8 RGB, `MM_PER_PIXEL` per pixel.
        share: (H, W) probability that a pixel shows the person.
        parser: the network.
    """
    placed = placed_head(model, vertices, camera, photo.shape[:2])
    centre, _ = camera.project(MIDDLE_M)
    scale = float(camera.scale.mean())
    parts = parser(parser_planes(photo, on_head(placed), share, centre, placed.up, scale))
    of_hair, of_hat = (parts[PARTS.index(name)] for name in ("hair", "hat"))
    hair = (of_hair + of_hat > 0.5) & (placed.height > placed.lowest) & ~placed.is_middle
    _, patches = cv2.connectedComponents((hair | placed.is_head).astype(np.uint8))
    hair &= np.isin(patches, np.unique(patches[placed.is_head]))  # not other people's
    if _of_background(photo, hair, share > 0.5):
        hair &= share > 0.5
    hair = hanging(hair, placed.up, placed.height < placed.ear_bottom)
    person = (share > 0.5) | hair | placed.is_head
    return HairLabels(
        person, hair, hair & (of_hat > of_hair), placed.depth, _seen_colours(photo, hair, placed)
    )


def _of_background(photo: RgbImage, hair: Mask, person: Mask) -> bool:
    """Whether hair beyond the person's outline is that of leaves or walls, by its colours."""
    inside, outside = photo[hair & person], photo[hair & ~person]
    if len(inside) < _LEAST_SAMPLES or len(outside) < _OUTSIDE * hair.sum():
        return False
    strangeness = colour_model(inside).strangeness(outside[None])
    return bool((strangeness > _ALIKE).mean() < _MOSTLY)


def _seen_colours(photo: RgbImage, hair: Mask, placed: PlacedHead) -> HairColours | None:
    """Colours of labelled hair, and of plain skin; None if too little of either is seen."""
    inner = cv2.erode(hair.astype(np.uint8), _WITHIN) > 0
    skin = placed.is_head & (placed.parts[..., 1] > 0.9) & ~hair
    if min(inner.sum(), skin.sum()) < _LEAST_SAMPLES:
        return None
    return HairColours(colour_model(photo[inner]), colour_model(photo[skin]))


def on_head(placed: PlacedHead) -> FloatArray:
    """(H, W, 3) shares of the head, its scalp and its face at each pixel."""
    parts = placed.parts[..., [0, 3]] * placed.is_head[..., None]
    return np.dstack([placed.is_head, parts]).astype(np.float32)
