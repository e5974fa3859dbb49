"""Tests of the picture of roughness."""

import numpy as np

from dasl.texture.layout import texture_layout
from dasl.texture.roughness import EYES, ROUGHNESS_SIZE, SKIN, TEETH, roughness_map
from tests.dasl.painted_head import head_model


def test_each_part_has_its_roughness_in_the_green_channel() -> None:
    model = head_model()
    layout = texture_layout(model, ROUGHNESS_SIZE)
    picture = roughness_map(model)
    assert not picture[..., [0, 2]].any()
    corners = model.triangles[layout.triangle]
    for region, rough in (("eyeballs", EYES), ("teeth", TEETH), ("face", SKIN)):
        inside = model.region(region)[corners].all(axis=1)
        texels = picture.reshape(-1, 3)[layout.texel[inside], 1]
        assert abs(np.median(texels) - 255 * rough) <= 1
