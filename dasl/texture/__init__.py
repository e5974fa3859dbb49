"""The texture of a head, from one photo or several of the same head.

`layout` says which surface point a texel stands for, and `prior` what is known of a head's colours
before a photo is seen. `photo` holds the head on its photo and `tone` that photo's tone;
`visibility` finds what it shows of the head, with `foreground` telling the person from the wall,
and `view` how far to believe it; `several` makes one view of many. `eyes` finds the irises, `mouth`
the opening between the lips, for which `mouth_colours` has colours. `fill` completes the rest
smoothly, with `strands` on the scalp; `eyeballs` are made whole; `bake` puts all together, and
`light` evens it. `roughness` says how the head's parts shine.
"""

from dasl.texture.bake import DEFAULT_SIZE, HeadTexture, head_texture
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
]
