"""Tests of the steps from labels to hair on the ray field, each on values made by hand."""

import numpy as np

from dasl.export.hair import shell
from dasl.export.hair.camera import Camera
from dasl.export.hair.march import Marched
from dasl.export.hair.rays import COLUMNS, DOME_ROWS, ROWS

FRONT = Camera(np.eye(3), np.array([450.0, 450.0]), np.array([160.0, 160.0]))


def field(value: float = 0.0) -> np.ndarray:
    return np.full((ROWS, COLUMNS), value)


def marched(most_m: np.ndarray) -> Marched:
    nowhere = np.zeros((ROWS, COLUMNS), dtype=bool)
    return Marched(most_m, field(), nowhere, nowhere, ~nowhere)


def test_hair_of_one_side_alone_is_not_measured() -> None:
    one_side = field()
    one_side[:, : COLUMNS // 2] = 0.06
    assert shell.is_measurable(marched(field(0.03)), FRONT)
    assert not shell.is_measurable(marched(one_side), FRONT)


def test_a_hole_is_enclosed_by_hair_also_at_the_seam() -> None:
    present = field(1.0)
    present[10:14, 50:60] = 0.0
    present[20:24, [0, 1, -1, -2]] = 0.0
    present[DOME_ROWS:, 55:65] = 0.0  # the face, open to the neck
    expected = field() > 0
    expected[10:14, 50:60] = True
    expected[20:24, [0, 1, -1, -2]] = True
    np.testing.assert_array_equal(shell._holes(present), expected)


def test_only_holes_on_the_scalp_are_filled() -> None:
    """A face that hair, a hood or a beard surrounds stays free."""
    seen = field(1.0)
    seen[10:16, 40:50] = seen[DOME_ROWS + 2 : DOME_ROWS + 12, 55:66] = 0.0
    scalp = field(1.0)
    scalp[DOME_ROWS:] = 0.0
    present = shell._presence(seen, field(1.0), field(), scalp)
    assert present[10:16, 40:50].min() > 0.5
    assert present[DOME_ROWS + 4 : DOME_ROWS + 10, 58:63].max() < 0.3


def test_the_crown_is_one_surface() -> None:
    seen = field(1.0)
    seen[:5, 45:75] = 0.0  # such as a highlight
    present = shell._presence(seen, field(1.0), field(), field(1.0))
    assert np.ptp(present[0]) < 0.05
    thickness = field(0.02)
    thickness[0] = 0.09  # a bun
    outer = 0.11 + shell._domed(thickness, field(0.11))
    assert np.abs(np.diff(outer[:12], axis=0)).max() < 0.01
    np.testing.assert_allclose(outer[DOME_ROWS:], 0.13)


def test_patches_apart_from_the_hair_are_dropped() -> None:
    present = field()
    present[:20] = 1.0
    present[40:45, [0, 1, 2, -1, -2]] = 1.0  # on the neck, at the seam
    present[24:27, 60:64] = 1.0  # on the brow
    kept = shell._hangs_together(present)
    assert kept[:20].all()
    assert not kept[40:45].any() and not kept[24:27, 60:64].any()
    assert not shell._hangs_together(field()).any()


def test_hair_thins_out_on_the_nape_more_slowly_than_on_the_forehead() -> None:
    share, scalp = field(), field(1.0)
    share[: DOME_ROWS + 12] = 1.0
    factor = shell._rounded(share, scalp)
    back, front = factor[:, 0], factor[:, COLUMNS // 2]
    assert (np.diff(back[DOME_ROWS + 2 : DOME_ROWS + 13]) < 0.0).all()
    assert back[DOME_ROWS + 7] < 0.85 < 0.99 < front[DOME_ROWS + 7]
    below = shell._rounded(share, field())  # a bob, whose border hangs below the scalp
    np.testing.assert_allclose(below[:, 0], front)


def test_the_soft_edge_of_the_scalp_is_no_scalp() -> None:
    """The painted hair fades there, and would be hidden by hair that is expected to cover it."""
    scalp = field(1.0)
    scalp[DOME_ROWS + 10 :] = 0.0
    soft = scalp.copy()
    soft[DOME_ROWS + 10 : DOME_ROWS + 13] = 0.7
    unseen = (field(), field(), field())
    np.testing.assert_array_equal(shell._presence(*unseen, soft), shell._presence(*unseen, scalp))


def test_hair_is_made_only_if_the_photo_shows_it(monkeypatch) -> None:
    """Otherwise nothing would tell its colours."""
    scalp = field(1.0)
    scalp[DOME_ROWS + 8 :] = 0.0
    for shown, is_made in ((0.0, False), (1.0, True)):
        monkeypatch.setattr(shell, "_seen_hair", lambda *_, s=shown: (scalp, field(s)))
        skin = field(0.1)
        found = shell.hair_shell(skin, skin, scalp, None, FRONT, marched(field(0.03)))
        assert (found is not None) == is_made
