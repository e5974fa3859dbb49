"""Baking of photos into a texture: sampled where a photo shows the head, completed elsewhere.

Each texel corresponds to a surface point. Its colour is taken, in this order of preference, from

- the photo at that point; of several photos, from those with the best view (`several`);
- the photo at the mirrored point, with colours adapted smoothly to the light around;
- a smooth fill over the surface.

The weights between them decrease with the viewing angle, near the silhouette and away from the
face, which keeps out the background and avoids visible borders. Photos show eyelids, lips and ears
poorly; these are filled from their surroundings. Eyeballs are completed from their visible part.
Teeth, tongue and the mouth's cavity have default colours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse

from dasl.arrays import FloatArray, IntArray, RgbImage
from dasl.head.morphable_model import MorphableModel
from dasl.runtime.background import started
from dasl.texture.eyeballs import eyeball_colours
from dasl.texture.eyes import Eyes, align_eyes
from dasl.texture.fill import (
    Known,
    blended,
    skin_clipped,
    skin_colour,
    skin_highlight,
    smooth_fill,
    smooth_ratio,
)
from dasl.texture.hard_light import local_gains
from dasl.texture.layout import TextureLayout, texture_layout
from dasl.texture.light import Curves, Light, evened, evening_curves
from dasl.texture.mouth import Mouth
from dasl.texture.mouth_colours import lay_mouth_over, mouth_fill, paint_teeth
from dasl.texture.photo import PosedHead, photo_for_texture
from dasl.texture.prior import SurfacePrior, surface_prior
from dasl.texture.several import SeveralViews
from dasl.texture.side_light import in_even_light, side_gains
from dasl.texture.strands import hair_roughness, strands
from dasl.texture.teeth import teeth_texels
from dasl.texture.tone import Tone, photo_tone
from dasl.texture.view import Sampled, SkinTone, View

DEFAULT_SIZE = 1024
"""Default side of a texture, texels; the face takes two fifths of it."""

_LASH_DARKNESS = 0.55


@dataclass(frozen=True, eq=False)
class HeadTexture:
    """A texture, and the correction of its photo's lighting.

    Attributes:
        model: the head model.
        as_photo: (S, S, 3) uint8 RGB in the model's UV layout, row 0 at v = 1.
        gains: (V, 3) from `side_gains`.
        curves: from `evening_curves`.
    """

    model: MorphableModel
    as_photo: RgbImage
    gains: FloatArray
    curves: Curves | None

    def lit(self, light: Light) -> RgbImage:
        """The texture in a light: (S, S, 3) uint8 RGB.

        "evened" brightens a dark photo, darkens an overexposed one, removes coloured light and the
        difference of the light between both sides, within limits; "as-photo" changes nothing.
        """
        return self._evened if light == "evened" else self.as_photo

    @cached_property
    def _evened(self) -> RgbImage:
        return evened(in_even_light(self.model, self.as_photo, self.gains), self.curves)

    def in_light(self, texture: RgbImage, light: Light) -> RgbImage:
        """Relight another texture from the same photo, of hair: (H, W, 3) uint8 RGB.

        As `lit`; the difference between both sides stays.
        """
        return evened(texture, self.curves) if light == "evened" else texture


def head_texture(
    model: MorphableModel,
    head: PosedHead,
    size: int = DEFAULT_SIZE,
    mouth: Mouth | None = None,
    others: Sequence[PosedHead] = (),
) -> HeadTexture:
    """Make a texture in the model's UV layout.

    Args:
        model: the head model.
        head: the head on the main photo, which determines lighting, eyes and mouth; its teeth are
            moved by `mouth`.
        size: side of the texture, texels.
        mouth: from `find_mouth`, on the same photo; None if it is not visible.
        others: the same head on further photos. Only those of the same kind, monochrome or colour,
            are used.
    """
    layout, prior = texture_layout(model, size), surface_prior(model)
    eyes, tone, alone = _view(model, head, size, prior)
    if mouth is not None:
        alone.offset += mouth.lip_offset(head.vertices_image) * (alone.head.scale / head.scale)
    view: View | SeveralViews = alone
    if others:
        more = [_view(model, other, size, prior) for other in others]
        alike = [of for _, of_tone, of in more if of_tone.is_monochrome == tone.is_monochrome]
        if alike:
            view = SeveralViews([alone, *alike], prior, model.triangles)
    mirror = model.mirror_vertex
    shown = started(_photo_texels, layout, view, mirror)
    direct = view.sample_vertices()
    ratio = smooth_ratio(direct, direct.taken(mirror), prior)
    known = blended(direct, direct.taken(mirror), ratio)
    skin = skin_colour(known, prior)
    eyeballs = started(eyeball_colours, model, layout, eyes, skin, tone)
    fill = smooth_fill(known, prior)
    fill[prior.is_fixed] = mouth_fill(model, skin, tone)
    fill *= 1.0 - _LASH_DARKNESS * prior.lash[:, None]
    roughness = hair_roughness(view.sharp_at_vertices(), direct.colour, direct.shown, prior)
    colours = strands(model, layout).laid_on(layout.interpolation, roughness) @ fill
    shown.result().lay_over(colours, ratio)
    paint_teeth(colours, teeth_texels(model, layout), skin, tone, mouth)
    if mouth is not None:
        lay_mouth_over(colours, layout, model, head, alone.facing, mouth)
    texels, painted = eyeballs.result()
    colours[texels] = painted
    clipped = skin_clipped(known, prior)
    curves = evening_curves(view.head.photo, skin, clipped, is_grey=tone.is_monochrome)
    gains = side_gains(model, known, fill, direct.shown)
    gains *= local_gains(model, gains * (fill + known.share * (known.colour - fill)))
    return HeadTexture(model, layout.spread(colours), gains, curves)


def _view(
    model: MorphableModel, head: PosedHead, size: int, prior: SurfacePrior
) -> tuple[Eyes, Tone, View]:
    """Locate the irises on a photo, determine its tone, and make a view that uses both."""
    head = photo_for_texture(head, size)
    found_eyes = started(align_eyes, model, head)
    view = View(head, model.triangles, prior)
    tone = photo_tone(head.photo)
    eyes = found_eyes.result()
    view.offset = eyes.offset_px * prior.eye_region[:, None]
    view.know_skin(_skin_tone(view, prior), in_colour=not tone.is_monochrome)
    return eyes, tone, view


@dataclass(frozen=True, eq=False)
class _PhotoTexels:
    """The texels that the photo shows, directly or mirrored.

    Attributes:
        sure: rows of the layout's covered texels that need nothing but the photo.
        sure_colours: (len(sure), 3).
        mixed: rows of the others.
        vertex_weights: (len(mixed), V) sparse, their rows of the layout's interpolation.
        direct, mirrored: samples at these.
    """

    sure: IntArray
    sure_colours: FloatArray
    mixed: IntArray
    vertex_weights: scipy.sparse.csr_matrix
    direct: Sampled
    mirrored: Sampled

    def lay_over(self, colours: FloatArray, ratio: FloatArray) -> None:
        """Blend them over the colours (N, 3) of all covered texels, in place.

        Args:
            colours: of the fill.
            ratio: (V, 3) factors on mirrored colours.
        """
        colours[self.sure] = self.sure_colours
        known = blended(self.direct, self.mirrored, self.vertex_weights @ ratio)
        filled = colours[self.mixed]
        filled += known.share * (known.colour - filled)
        colours[self.mixed] = filled


def _photo_texels(
    layout: TextureLayout, view: View | SeveralViews, mirror: npt.NDArray[np.int64]
) -> _PhotoTexels:
    itself = np.arange(len(mirror))
    is_sure, shows = view.is_sure(), view.shows(itself) | view.shows(mirror)
    kind = np.where(is_sure, 1, np.where(shows, 2, 0)).astype(np.uint8)[layout.triangle]
    sure, mixed = (np.flatnonzero(kind == wanted) for wanted in (1, 2))
    rows = layout.interpolation[mixed]
    return _PhotoTexels(
        sure,
        view.colours(layout.interpolation[sure]),
        mixed,
        rows,
        direct=view.sample(rows, itself),
        mirrored=view.sample(rows, mirror),
    )


def _skin_tone(view: View, prior: SurfacePrior) -> SkinTone:
    sampled = view.sample_vertices()
    known = Known(sampled.colour, sampled.shown)
    skin = skin_colour(known, prior)
    return SkinTone(skin, skin_highlight(known, skin, prior))
