"""The texture of a head, from one photo.

`layout` says which surface point a texel stands for, `prior` what is known of a head's colours
before a photo is seen, `view` samples the photo where it shows the head, `fill` completes the rest
smoothly, `eyes` makes the eyeballs, `tone` fits colours of our own to the photo's, and `bake` puts
them together.
"""

from dasl.texture.bake import DEFAULT_SIZE, head_texture
from dasl.texture.photo import PosedHead

__all__ = ["DEFAULT_SIZE", "PosedHead", "head_texture"]
