"""A skin from a photo: the texture of a reconstructed face with most of the light removed.

Skins must not be put into the repository, since they show the person on the photo.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dasl.datasets.rendered.photo_light import LUMA, face_light
from dasl.datasets.rendered.studio import DISPLAY_GAMMA
from dasl.export.textured_head import TexturedHead
from dasl.head.mesh import vertex_normals
from dasl.head.morphable_model import MorphableModel
from dasl.texture.layout import texture_layout
from dasl.texture.prior import surface_prior

Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]

LIGHT_REMOVED = 0.8
"""Exponent of the estimated light that is divided out; part of the estimate is the skin's own."""
REFLECTANCE = (0.08, 0.36)
"""Limits of the median luminance of a face's skin; other photos are scaled to them."""
MOUTH_UNITS = ("mouth", "jaw", "cheek", "noseSneer")
"""Name prefixes of units whose creases stay in a texture."""
NEUTRAL_MOUTH = 0.25
"""Largest weight of a mouth unit in a face that counts as neutral."""
HAIR_ABOVE = 0.1
"""Space above the crop that a photo needs to show hair, relative to the crop's side."""
HAIRY = 0.9
"""Least hair mask of vertices that the hair colour is read from."""
LINEAR = (np.arange(256, dtype=np.float32) / 255.0) ** DISPLAY_GAMMA
"""Linear light by byte value."""


@dataclass(frozen=True, eq=False)
class PhotoSkin:
    """The skin of a rendered person, made from a photo.

    Attributes:
        name: of the photo.
        texture: (S, S, 3) uint8 RGB in the model's UV layout, most of the photo's light removed.
        hair: (3,) linear colour of the scalp.
        expression: (E,) weights of the face on the photo.
        backdrop: (h, w, 3) uint8, a piece of the photo beside the face.
        shows_hair: whether the photo extends high enough to show the scalp's hair.
    """

    name: str
    texture: Picture
    hair: Floats
    expression: Floats
    backdrop: Picture
    shows_hair: bool


def mouth_units(names: tuple[str, ...]) -> NDArray[np.bool_]:
    """(E,) whether the units crease the skin around the mouth."""
    return np.array([name.startswith(MOUTH_UNITS) for name in names])


def is_neutral(expression: Floats, names: tuple[str, ...]) -> bool:
    """Whether the mouth is neutral in `expression` (E,), so that its texture suits any other."""
    return bool(expression[mouth_units(names)].max() <= NEUTRAL_MOUTH)


def photo_skin(head: TexturedHead, photo: Picture, box: Floats, size: int, name: str) -> PhotoSkin:
    """Make a skin from a reconstructed face.

    Args:
        head: the face, on its photo.
        photo: (H, W, 3) uint8 RGB, whole.
        box: (4,) square crop around the face, photo pixels.
        size: side of the texture, texels.
        name: of the photo.
    """
    texture = without_light(head.model, head.texture(size, "as-photo"), _view_normals(head))
    return PhotoSkin(
        name=name,
        texture=texture,
        hair=_hair_colour(head.model, texture),
        expression=head.coefficients.expression[0],
        backdrop=backdrop(photo, box),
        shows_hair=bool(box[1] - HAIR_ABOVE * (box[3] - box[1]) >= 0),
    )


def without_light(model: MorphableModel, texture: Picture, normals: Floats) -> Picture:
    """Divide most of the light out of a face's texture.

    Args:
        model: gives the UV layout.
        texture: (S, S, 3) uint8.
        normals: (V, 3) of the face on its photo, unit, view frame.
    """
    layout = texture_layout(model, len(texture))
    colours = LINEAR[texture.reshape(-1, 3)[layout.texel]]
    columns = np.column_stack([normals, _plain_skin(model)]).astype(np.float32)
    values = layout.interpolation @ columns
    light = face_light(colours, values[:, :3], values[:, 3] > 0.9)
    unlit = colours / (light**LIGHT_REMOVED)[:, None]
    level = float(np.median(unlit[values[:, 3] > 0.9] @ LUMA))
    unlit *= np.clip(level, *REFLECTANCE) / max(level, 1e-3)
    shown = 255.0 * np.clip(unlit, 0.0, 1.0) ** (1 / DISPLAY_GAMMA)
    return layout.spread(shown.astype(np.float32))


def backdrop(photo: Picture, box: Floats) -> Picture:
    """The upper corner of the crop, left or right, that varies less; it rarely shows the person."""
    height, width = photo.shape[:2]
    x0, y0, x1, _ = np.clip(np.rint(box).astype(int), 0, [width, height, width, height])
    side = max(8, (x1 - x0) // 3)
    left = photo[y0 : y0 + side, x0 : x0 + side]
    right = photo[y0 : y0 + side, max(x1 - side, 0) : x1]
    return min((left, right), key=lambda piece: float(piece.std())).copy()


def _view_normals(head: TexturedHead) -> Floats:
    normals = vertex_normals(head.vertices_model(), head.model.triangles)
    return np.asarray(normals @ head.coefficients.pose.rotation[0].T, dtype=np.float32)


def _plain_skin(model: MorphableModel) -> NDArray[np.bool_]:
    """(V,) skin of the face without brows, eyes, lips and inner parts."""
    plain = model.region("face") & model.region("skin")
    for name in ("brows", "eyes", "lips", "eye_sockets", "eyeballs", "inner_mouth"):
        plain = plain & ~model.region(name)
    return plain


def _hair_colour(model: MorphableModel, texture: Picture) -> Floats:
    """(3,) linear, median over the scalp."""
    size = len(texture)
    uv = model.uv[(surface_prior(model).hair > HAIRY)[model.uv_vertex]]
    column = np.clip((uv[:, 0] * size).astype(int), 0, size - 1)
    row = np.clip(((1 - uv[:, 1]) * size).astype(int), 0, size - 1)
    return np.asarray(np.median(LINEAR[texture[row, column]], axis=0), dtype=np.float32)
