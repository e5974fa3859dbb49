"""Tests of the texture's layout: positions, and padding around the islands."""

import numpy as np

from dasl.texture.layout import texture_layout
from tests.dasl.painted_head import head_model

SIZE = 512


def test_padding_around_the_islands_repeats_their_border() -> None:
    layout = texture_layout(head_model(), 128)
    numbered = layout.spread(np.repeat(np.arange(len(layout.texel))[:, None] % 256, 3, axis=1))
    flat = numbered.reshape(-1, 3)[:, 0]
    np.testing.assert_array_equal(flat[layout.texel], np.arange(len(layout.texel)) % 256)
    empty = np.setdiff1d(np.arange(128 * 128), layout.texel)[::50]
    position = np.stack(np.divmod(layout.texel, 128), axis=1)
    for texel in empty:
        away = np.hypot(*(position - np.divmod(texel, 128)).T)
        chosen = away[layout.nearest[texel]]
        assert chosen <= away.min() * 1.05 + 1e-9


def test_layout_positions_are_the_models_uv() -> None:
    layout = texture_layout(head_model(), SIZE)
    row, column = np.divmod(layout.texel, SIZE)
    wanted = np.stack([(column + 0.5) / SIZE, 1 - (row + 0.5) / SIZE], axis=1)
    corners = head_model().uv[head_model().uv_triangles[layout.triangle]]
    weights = layout.interpolation.data.reshape(-1, 3)
    found = (corners * weights[..., None]).sum(axis=1)
    np.testing.assert_allclose(found, wanted, atol=0.02 / SIZE)
