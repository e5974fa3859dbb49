import json

import numpy as np
import pytest

from tests.dasl.painted_head import painted_face
from tools.evaluate_outlines import OUTLINES, outline_iou, silhouette


def _drawn(face, shape, grow=1.0):
    """A dense outline of the silhouette, as one would draw it; its rows from edge to edge."""
    mask = silhouette(shape, face, hair=False)
    rows = np.flatnonzero(mask.any(axis=1))
    left = [[int(mask[row].argmax()), int(row)] for row in rows]
    right = [[int(shape[1] - 1 - mask[row, ::-1].argmax()), int(row)] for row in rows]
    middle = np.mean(left + right, axis=0)
    points = middle + grow * (np.array(left + right[::-1]) - middle)
    return {"outline": points.tolist(), "chin": face.landmarks[8, :2].tolist()}


def test_a_perfect_outline_gives_one_and_a_larger_one_its_share() -> None:
    face, shape = painted_face(), (450, 450)
    without, with_hair = outline_iou(shape, face, _drawn(face, shape))
    assert without == pytest.approx(1.0, abs=0.02)
    assert outline_iou(shape, face, _drawn(face, shape, 1.3))[0] < 0.85
    assert 0.0 < with_hair <= 1.0


def test_what_lies_below_the_chin_does_not_count() -> None:
    face, shape = painted_face(), (450, 450)
    drawn = _drawn(face, shape)
    chin = drawn["chin"][1]
    above = {**drawn, "outline": [[x, min(y, chin + 2)] for x, y in drawn["outline"]]}
    assert outline_iou(shape, face, above)[0] == pytest.approx(1.0, abs=0.02)


def test_the_drawn_outlines_are_polygons_above_their_chins() -> None:
    outlines = json.loads(OUTLINES.read_text())
    assert sum(name.isdigit() for name in outlines) == 16
    for drawn in outlines.values():
        points = np.array(drawn["outline"])
        assert len(points) >= 15
        assert points[:, 1].min() < drawn["chin"][1] <= points[:, 1].max()
