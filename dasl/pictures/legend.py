"""Legends: a dark strip below a picture that explains its colours."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dasl.arrays import FloatArray, RgbImage

_BACKGROUND, _INK = (17, 20, 26), (226, 232, 240)
_STRIP_SHARE = 0.085
"""Height of a strip as a share of the picture's width, within the limits below."""
_STRIP_PX = (34, 110)
_TEXT_SHARE = 0.30
_BAR_SHARE = 0.26
_MARGIN_SHARE = 0.35


@dataclass(frozen=True, eq=False)
class ColourBar:
    """One bar of a legend.

    Attributes:
        colours: (N, 3) uint8 RGB, left to right.
        ticks: position in 0..1 along the bar, and text, of each number below it.
        title: quantity and unit; above the bar.
    """

    colours: RgbImage
    ticks: tuple[tuple[float, str], ...]
    title: str


def with_bars(picture: RgbImage, bars: Sequence[ColourBar]) -> RgbImage:
    """The picture, (H, W, 3), with a strip of bars below, which share the width.

    Text shrinks to fit; on pictures less than about 250 pixels wide it is illegible.
    """
    width = picture.shape[1]
    height = round(min(max(_STRIP_SHARE * width, _STRIP_PX[0]), _STRIP_PX[1]))
    strip = Image.new("RGB", (width, height), _BACKGROUND)
    pencil = ImageDraw.Draw(strip)
    gap = _MARGIN_SHARE * height
    bar_width = (width - gap) / len(bars) - gap
    font = _fitting_font(pencil, [bar.title for bar in bars], bar_width, _TEXT_SHARE * height)
    for index, bar in enumerate(bars):
        left = gap + index * (bar_width + gap)
        _draw_bar(strip, pencil, bar, (left, bar_width), font)
    return np.concatenate([picture, np.asarray(strip)], axis=0)


def gradient(first: Sequence[float], last: Sequence[float], count: int = 256) -> RgbImage:
    """Colours (count, 3) between two, in equal steps."""
    share: FloatArray = np.linspace(0.0, 1.0, count, dtype=np.float32)[:, None]
    colours = np.asarray(first) * (1.0 - share) + np.asarray(last) * share
    return colours.round().astype(np.uint8)


def _draw_bar(
    strip: Image.Image,
    pencil: ImageDraw.ImageDraw,
    bar: ColourBar,
    span: tuple[float, float],
    font: ImageFont.FreeTypeFont,
) -> None:
    left, width = span
    size = (max(1, round(width)), max(1, round(_BAR_SHARE * strip.height)))
    top = (strip.height - size[1]) // 2
    colours = Image.fromarray(bar.colours[None]).resize(size, Image.Resampling.BILINEAR)
    strip.paste(colours, (round(left), top))
    pencil.text((left, top - 2), bar.title, fill=_INK, font=font, anchor="ld")
    for position, text in bar.ticks:
        x = left + position * (size[0] - 1)
        # numbers at the ends stay within the bar
        anchor = "la" if position == 0.0 else "ra" if position == 1.0 else "ma"
        pencil.text((x, top + size[1] + 2), text, fill=_INK, font=font, anchor=anchor)


def _fitting_font(
    pencil: ImageDraw.ImageDraw, texts: Sequence[str], width: float, size: float
) -> ImageFont.FreeTypeFont:
    """The font at a size at which the texts fit the width, at most `size`."""
    font = load_font(size)
    longest = max(pencil.textlength(text, font=font) for text in texts)
    return font if longest <= width else load_font(max(1.0, size * width / longest))


def load_font(size: float) -> ImageFont.FreeTypeFont:
    """Pillow's bundled font, which needs no system font.

    Args:
        size: pixels.
    """
    font = ImageFont.load_default(size=max(1.0, size))
    assert isinstance(font, ImageFont.FreeTypeFont)  # whenever a size is given
    return font
