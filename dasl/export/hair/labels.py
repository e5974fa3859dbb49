"""Segmentation of hair (or a hat) around a head by colours, on a small image of fixed scale."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.export.hair.camera import Camera, Floats
from dasl.export.hair.colour_model import HairColours, colour_model
from dasl.export.hair.placed import Mask, PlacedHead, placed_head
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel

MM_PER_PIXEL = 2.2
"""Scale of the image on which hair is segmented."""
_SCALP, _FACE, _SIDE, _OUTSIDE, _COLLAR, _ELSE = 1.5, -2.0, -1.0, 5.5, -0.5, -1.0
"""Prior log odds that a pixel is hair, by location: on the scalp; on the rest of the face; on ears
and neck; beside the head at ear height; beside it at the chin; and elsewhere."""
_BESIDE = (0.1, 0.8)
"""Heights, 0 at the chin and 1 at the ears, between which the odds beside the head rise."""
_MOST_COLOUR_ODDS, _IMPOSSIBLE = 6.0, -8.0
_LEAST_SEEDS, _LEAST_BEYOND = 40, 300
"""Fewest sample pixels of hair and of skin, and fewest of hair beyond the head: with fewer, the
scalp is sampled too, which may show a high forehead."""
_HANGING, _UNLIKE_SKIN = 0.5, -4.0
"""Height from which samples of hair are taken beside the face, such as below a hat, if they are
this unlike its skin. Above the ears, samples like the skin are taken only if most are."""
_ALIKE, _MOSTLY, _MOST_OF_BORDER = -1.5, 0.6, 0.6
"""Strangeness above which a colour is the hair's, least share of an area that has them, and largest
share of the image's upper and outer borders that hair reaches."""
_ABOVE_COLLAR, _CLOTHES = 0.15, -2.0
"""Height from which no clothes are expected; strangeness among the hair above it from which colours
below it are clothes'."""
_SHOULDERS, _SHOULDERS_PX = 1.5, 3.0
"""Width of a row, relative to that of the hair that hangs down to it and in pixels more, from which
it shows shoulders in the hair's colours."""
_HAIRLINE = 1.2
"""Height from which a head shows forehead or hair, not cheeks or neck."""
_GROWN, _WITHIN = np.ones((5, 5), np.uint8), np.ones((7, 7), np.uint8)
"""Margins between head and surroundings, and between samples of hair and the person's outline."""
_CLOSED = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
_SMOOTHING_PX = 1.2


@dataclass(frozen=True, eq=False)
class HairLabels:
    """Segmentation of a small image around a head.

    Attributes:
        person: (H, W) bool.
        hair: (H, W) bool, a subset of `person`.
        hat: (H, W) bool, the part of `hair` that is known to be a hat.
        depth: (H, W) of the head's surface, metres towards the viewer; -inf elsewhere.
        colours: of hair and skin; None if too little of either is seen.
    """

    person: Mask
    hair: Mask
    hat: Mask
    depth: FloatArray
    colours: HairColours | None


def hair_labels(
    model: MorphableModel, vertices: FloatArray, camera: Camera, photo: RgbImage, person: Mask
) -> HairLabels:
    """Segment hair: from skin by colour and location, from clothes by connection to hair above.

    Args:
        model: the head model.
        vertices: (V, 3) of the head, model frame, metres.
        camera: camera of `photo`.
        photo: (H, W, 3) uint8 RGB, about `MM_PER_PIXEL` per pixel.
        person: (H, W) mask of the person.
    """
    placed = placed_head(model, vertices, camera, photo.shape[:2])
    odds, colours = _hair_odds(photo, person, placed)
    hair = (odds > 0) & person & (placed.height > placed.lowest)
    hair = cv2.morphologyEx(hair.astype(np.uint8), cv2.MORPH_CLOSE, _CLOSED) > 0
    hair = _without_clothes(hair & person & ~placed.is_middle, photo, placed.beside)
    hair = hanging(hair, placed.up, placed.height < placed.ear_bottom)
    inner = cv2.erode(hair.astype(np.uint8), _WITHIN) > 0
    if colours is not None and inner.sum() >= _LEAST_SEEDS:
        colours = replace(colours, hair=colour_model(photo[inner]))  # also of what hangs lower
    return HairLabels(person, hair, np.zeros_like(hair), placed.depth, colours)


def with_alike(labels: HairLabels, photo: RgbImage) -> Mask | None:
    """The person with all that has the hair's colours; None if the background may have them.

    Args:
        labels: of an outline that left hair out.
        photo: (H, W, 3) uint8 RGB, the labelled image.
    """
    if (colours := labels.colours) is None:
        return None
    like = (colours.hair.strangeness(photo) > _ALIKE) & (colours.odds(photo) > 0)
    like |= labels.person
    person = labels.person | (like & (cv2.blur(like.astype(np.float32), (7, 7)) > _MOSTLY))
    person = cv2.morphologyEx(person.astype(np.uint8), cv2.MORPH_CLOSE, _CLOSED) > 0
    border = np.concatenate([person[0], person[:, 0], person[:, -1]])
    return None if border.mean() > _MOST_OF_BORDER else np.asarray(person)


def _hair_odds(
    photo: RgbImage, person: Mask, placed: PlacedHead
) -> tuple[FloatArray, HairColours | None]:
    """Log odds that a pixel is hair, (H, W), and the hair's colours."""
    is_head, beside = placed.is_head, placed.beside
    scalp, plain, middle, face = np.moveaxis(placed.parts, -1, 0)
    outside = person & (cv2.dilate(is_head.astype(np.uint8), _GROWN) == 0)
    on_head = _SIDE + face * (_FACE - _SIDE)
    on_head = on_head + scalp * (_SCALP - on_head)
    odds = np.where(is_head, on_head, _ELSE)
    risen = _COLLAR + (_OUTSIDE - _COLLAR) * smoothstep(beside, *_BESIDE)
    odds = np.where(outside, risen, odds)
    colours = _colours(photo, person, is_head, outside, beside, scalp, plain)
    if colours is not None:
        by_colour = colours.odds(photo)
        # at the hairline, what could be skin is skin
        upper = is_head & (beside > _HAIRLINE)
        if upper.any():
            by_colour[upper] = colours.unlike_skin().odds(photo[upper][None])[0]
        odds = odds + by_colour.clip(-_MOST_COLOUR_ODDS, _MOST_COLOUR_ODDS)
    odds = np.where(person & ~(is_head & (middle > 0.5)), odds, _IMPOSSIBLE)
    odds = odds.clip(_IMPOSSIBLE, -_IMPOSSIBLE).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(odds, (0, 0), _SMOOTHING_PX)), colours


def _colours(
    photo: RgbImage,
    person: Mask,
    is_head: Mask,
    outside: Mask,
    beside: Floats,
    scalp: Floats,
    plain: Floats,
) -> HairColours | None:
    """Colours of hair and skin; None if too little of either is seen."""
    skin_seeds = is_head & person & (plain > 0.9)
    if skin_seeds.sum() < _LEAST_SEEDS:
        return None
    skin = colour_model(photo[skin_seeds])
    within = cv2.erode(person.astype(np.uint8), _WITHIN) > 0
    unlike = skin.strangeness(photo) < _UNLIKE_SKIN
    hair_seeds = within & outside & ((beside > 1.0) | (unlike & (beside > _HANGING)))
    if (hair_seeds & unlike).sum() > hair_seeds.sum() / 2:  # then the others are hands and ears
        hair_seeds &= unlike
    if hair_seeds.sum() < _LEAST_BEYOND:
        hair_seeds |= within & is_head & (scalp > 0.95)
    if hair_seeds.sum() < _LEAST_SEEDS:
        return None
    return HairColours(colour_model(photo[hair_seeds]), skin)


def _without_clothes(hair: Mask, photo: RgbImage, beside: Floats) -> Mask:
    """Drop what hangs as low as a collar, unless its colours are those of hair further up."""
    inner = cv2.erode(hair.astype(np.uint8), _WITHIN) > 0
    upper = inner & (beside > _ABOVE_COLLAR)
    if upper.sum() < _LEAST_BEYOND:
        return hair
    strangeness = colour_model(photo[upper]).strangeness(photo)
    is_alike = cv2.GaussianBlur(strangeness, (0, 0), _SMOOTHING_PX) > _CLOTHES
    return np.asarray(hair & (is_alike | (beside > _ABOVE_COLLAR)))


def hanging(hair: Mask, up: Floats, is_low: Mask) -> Mask:
    """Keep low pixels only if they continue hair above them; this drops clothes."""
    height, width = hair.shape
    side = int(np.hypot(height, width)) + 2
    angle = float(np.degrees(np.arctan2(up[0], -up[1])))
    turn = np.asarray(cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), angle, 1.0))
    turn[:, 2] = turn[:, 2] + (side - np.array([width, height])) / 2
    upright, low = (
        cv2.warpAffine(part.astype(np.uint8), turn, (side, side), flags=cv2.INTER_NEAREST) > 0
        for part in (hair, is_low)
    )
    for row in range(1, side):
        reached = upright[row - 1].copy()
        if row % 2:  # hair widens by one pixel per two rows
            reached[1:] |= upright[row - 1, :-1]
            reached[:-1] |= upright[row - 1, 1:]
        upright[row] &= ~low[row] | (reached & _is_narrow(upright[row], reached))
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    back = cv2.warpAffine(upright.astype(np.uint8), turn, (width, height), flags=flags)
    return np.asarray(hair & (cv2.dilate(back, np.ones((3, 3), np.uint8)) > 0))


def _is_narrow(row: Mask, reached: Mask) -> Mask:
    """The runs of a row (W,) that are not much wider than what reaches them, as shoulders are."""
    ends = np.flatnonzero(np.diff(row.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    narrow = np.zeros_like(row)
    for start, end in ends:
        reaching = np.count_nonzero(reached[start:end])
        narrow[start:end] = end - start <= _SHOULDERS * reaching + _SHOULDERS_PX
    return narrow
