"""Tests of teeth that are painted: their places on the rows, their shapes, their light."""

import numpy as np

from dasl.texture.layout import texture_layout
from dasl.texture.teeth import (
    UPPER_WIDTHS_MM,
    TeethTexels,
    row_coordinates,
    teeth_texels,
    upper_teeth,
)
from tests.dasl.painted_head import head_model


def painted_texels(size: int = 1024) -> tuple[TeethTexels, np.ndarray]:
    """And their coordinates on the rows, (N, 2)."""
    layout = texture_layout(head_model(), size)
    teeth = teeth_texels(head_model(), layout)
    return teeth, layout.interpolation[teeth.texels] @ row_coordinates(head_model())


def test_upper_teeth_are_half_of_the_teeth_and_above() -> None:
    model = head_model()
    upper, teeth = upper_teeth(model), model.region("teeth")
    height = model.mean_vertices[:, 1]
    assert upper.sum() * 2 == teeth.sum()
    assert height[upper].mean() > height[teeth & ~upper].mean() + 0.01
    assert not (upper & ~teeth).any()


def test_rows_run_from_one_side_to_the_other_and_from_root_to_edge() -> None:
    model = head_model()
    is_tooth = model.region("teeth")
    along, rise = row_coordinates(model)[is_tooth].T
    mean = model.reference_vertices[is_tooth]
    assert (np.sign(along.round(3)) == np.sign(mean[:, 0].round(5))).all()
    assert 50 < along.max() < 75  # half an adult's row, third molars and all
    edge = rise == 1.0
    for upper, lowest in ((True, True), (False, False)):
        row = upper_teeth(model)[is_tooth] == upper
        height = np.where(lowest, -mean[:, 1], mean[:, 1])
        assert height[row & edge].mean() > height[row & (rise == 0.0)].mean() + 0.01
    assert ((rise == 2.0).sum(), (rise < 2.0).sum()) == (34, 102)


def test_there_are_dark_lines_where_teeth_meet_and_gums_above() -> None:
    teeth, (along, rise) = painted_texels()[0], painted_texels()[1].T
    front = teeth.is_upper & (rise > 0.65) & (rise < 0.9)
    middle = np.abs(np.abs(along) - UPPER_WIDTHS_MM[0] / 2) < 1.0
    meeting = np.abs(np.abs(along) - UPPER_WIDTHS_MM[0]) < 0.5
    assert teeth.shade[front & meeting].mean() < 0.9 * teeth.shade[front & middle].mean()
    assert teeth.gum[rise < 0.2].min() == 1.0
    assert teeth.gum[front].max() < 0.01


def test_teeth_farther_back_and_inside_are_darker_and_redder() -> None:
    teeth, (along, rise) = painted_texels()[0], painted_texels()[1].T
    white = np.full((len(along), 3), 200.0)
    colours = teeth.painted(white, np.array([170.0, 90.0, 90.0]))
    crown = teeth.gum < 0.01
    front, back = (crown & teeth.is_outside & part for part in (abs(along) < 8, abs(along) > 45))
    inside = crown & (rise > 1.3) & (abs(along) < 8)
    for darker in (back, inside):
        assert colours[darker].mean() < 0.95 * colours[front].mean()
    assert (colours[back, 0] > colours[back, 2]).all()
