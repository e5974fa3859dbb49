"""The texture of a head, from one photo or several of the same head.

`layout` maps texels to surface points. `prior` holds what is known of a head's colours without a
photo, and `skin_areas` names areas of its skin. `photo` holds the head on its photo, `tone` the
photo's tone. `visibility` determines which points a photo shows, and `foreground` segments the
person. `view` samples a photo with weights, and `several` combines several photos. `eyes` locates
the irises, `lids` the upper lids, `mouth` the opening between the lips, and `mouth_colours` colours
its inside. `fill` completes the rest smoothly, with `strands` on the scalp. `eyeballs` paints whole
eyeballs. `bake` combines all of these, and `light` corrects the lighting. `lit_skin` finds what
covers the cheeks, and `side_light` makes the light of both sides alike. `roughness` is the
material's roughness map.
"""

from dasl.texture.bake import DEFAULT_SIZE, HeadTexture, head_texture
from dasl.texture.lids import raised_lids
from dasl.texture.light import LIGHTS, Light
from dasl.texture.mouth import Mouth, find_mouth
from dasl.texture.photo import PosedHead

__all__ = [
    "DEFAULT_SIZE",
    "LIGHTS",
    "HeadTexture",
    "Light",
    "Mouth",
    "PosedHead",
    "find_mouth",
    "head_texture",
    "raised_lids",
]
