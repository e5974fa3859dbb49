"""Colour-coded values of the face region, on the dimmed photo, with a legend below."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.pictures.legend import ColourBar, gradient, with_bars
from dasl.pictures.surface import SurfaceView, dimmed, surface_views
from dasl.reconstruction.face import Face


def draw_coded(
    photo: RgbImage,
    views: Sequence[SurfaceView],
    colours: Iterable[FloatArray],
    bars: Sequence[ColourBar],
) -> RgbImage:
    """Paint each face region in its colours.

    Args:
        photo: (H, W, 3) uint8 RGB.
        views: of the faces, in the order of painting.
        colours: for each view (rows, columns, 3) in 0..255.
        bars: the legend of the colours.

    Returns:
        (H + L, W, 3) uint8 RGB, the last L rows a legend; the photo's copy where no face shows.
    """
    if not views:
        return np.ascontiguousarray(photo).copy()
    picture = dimmed(photo)
    for view, of_view in zip(views, colours, strict=True):
        view.paint(picture, of_view, view.crisp_opacity)
    return with_bars(picture, bars)


def draw_components(
    photo: RgbImage,
    faces: Sequence[Face],
    components: Callable[[SurfaceView], FloatArray],
    low: float,
    titles: Sequence[str],
) -> RgbImage:
    """Draw three values at each point of the faces as red, green and blue; see `draw_coded`.

    Args:
        photo: (H, W, 3) uint8 RGB.
        faces: of this photo; larger ones, which are nearer, cover the others.
        components: of a view: (rows, columns, 3) from `low` to 1.
        low: the value that is black in its channel.
        titles: of the three values.
    """
    views = surface_views(photo, faces)
    colours = ((components(view) - low) * (255.0 / (1.0 - low)) for view in views)
    bars = [_channel_bar(axis, low, title) for axis, title in enumerate(titles)]
    return draw_coded(photo, views, colours, bars)


def _channel_bar(axis: int, low: float, title: str) -> ColourBar:
    """The colours along one component, the other two being 0."""
    first = np.full(3, 255.0 * (0.0 - low) / (1.0 - low))
    last = first.copy()
    first[axis], last[axis] = 0.0, 255.0
    ticks = tuple((share, f"{low + share * (1.0 - low):g}") for share in (0.0, 0.5, 1.0))
    return ColourBar(gradient(first.tolist(), last.tolist()), ticks, title)
