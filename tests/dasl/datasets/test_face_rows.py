"""Rows of faces: what is taken, and what is refused by name."""

import io
import logging
import math
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from dasl.datasets.face_rows import faces_from_rows
from dasl.errors import ConfigError


def _jpeg(side: int = 120) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), (10, 120, 200)).save(buffer, "JPEG")
    return buffer.getvalue()


def _row(**changed: Any) -> dict[str, Any]:
    row = {
        "name": "a.jpg",
        "image": _jpeg(),
        "yaw": 12.0,
        "landmarks21": [30.0, 40.0] * 21,
        "visible21": [True] * 21,
        "detected68": [50.0, 60.0, 3.0] * 68,
    }
    return row | changed


def test_a_row_may_lack_hand_placed_points_yaw_and_depth() -> None:
    row = {"name": "a", "image": {"bytes": _jpeg()}, "detected68": [[50.0, 60.0]] * 68}
    faces = faces_from_rows([row], "mine")
    assert faces.images.shape == (1, 3, 120, 120)
    assert not faces.visible21.any()
    assert faces.detected68_crop[0, 5, 2].isnan()
    assert faces.yaw_deg.isnan().all()
    torch.testing.assert_close(faces.detected68_crop[0, 5, :2], torch.tensor([50.0, 60.0]))


def test_invisible_points_may_hold_anything() -> None:
    points = np.full((21, 2), np.nan)
    points[0] = 30.0
    visible = [True] + [False] * 20
    faces = faces_from_rows([_row(landmarks21=points, visible21=visible)], "mine")
    assert faces.landmarks21_crop[0, 0].tolist() == [30.0, 30.0]
    assert (faces.landmarks21_crop[0, 1:] == -1).all()


def test_hand_placed_points_that_all_miss_the_crop_are_not_used(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faces = faces_from_rows([_row(landmarks21=[-300.0, 180.0] * 21)], "mine")
    assert not faces.visible21.any()
    assert "a.jpg: its hand-placed points lie outside the crop" in caplog.text
    stray = [[-300.0, 180.0]] + [[60.0, 60.0]] * 20
    assert faces_from_rows([_row(landmarks21=stray)], "mine").visible21.all()


BROKEN = {
    "torn jpeg": (_row(image=_jpeg()[:300]), "its image cannot be decoded"),
    "no jpeg": (_row(image=b"text"), "its image cannot be decoded"),
    "no bytes": (_row(image=None), "image must be the bytes of a picture, got NoneType"),
    "size": (_row(image=_jpeg(100)), r"a crop must be 120x120, got \(100, 100\)"),
    "count": (_row(detected68=[1.0] * 203), "detected68 must hold 68 x 3 or 68 x 2 .* got 203"),
    "count 21": (_row(landmarks21=[1.0] * 40), "landmarks21 must hold 21 x 2 numbers, got 40"),
    "flags": (_row(visible21=[True] * 20), "visible21 must hold 21 flags"),
    "nan": (_row(detected68=[math.nan, 1.0, 1.0] * 68), "detected68 holds NaN"),
    "nan 21": (_row(landmarks21=[math.nan] * 42), "landmarks21 holds NaN .* at a visible point"),
    "outside": (
        _row(detected68=[300.0, 1.0, 1.0] * 68),
        "all of detected68 lies outside the crop, such as .300, 1.",
    ),
    "text": (_row(detected68=["x"] * 204), "detected68 does not hold numbers"),
    "reader": (_row(error="no landmarks"), "no landmarks"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_row_is_named_with_its_number(kind: str) -> None:
    row, message = BROKEN[kind]
    with pytest.raises(ConfigError, match=rf"mine: row 1 \(b\): .*{message}"):
        faces_from_rows([_row(), row | {"name": "b"}], "mine")


def test_broken_rows_are_left_out_with_a_count_where_a_share_is_allowed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rows = [_row(name=f"{number}.jpg") for number in range(9)] + [_row(name="0.jpg")]
    with caplog.at_level(logging.WARNING):
        faces = faces_from_rows(rows, "mine", broken_share=0.1)
    assert len(faces) == 9
    assert "mine: 1 of 10 rows left out: row 9 (0.jpg): its name occurs twice" in caplog.text
    with pytest.raises(ConfigError, match=r"2 of 11 rows are broken, .* allows 0\.1 of them"):
        faces_from_rows([*rows, _row(name="x", image=b"")], "mine", broken_share=0.1)


def test_an_empty_source_and_one_of_broken_rows_alone_are_refused() -> None:
    with pytest.raises(ConfigError, match="mine holds no face"):
        faces_from_rows([], "mine")
    with pytest.raises(ConfigError, match="1 of 1 rows are broken"):
        faces_from_rows([_row(image=b"")], "mine", broken_share=1.0)


def test_a_missing_column_is_named() -> None:
    row = _row()
    del row["image"]
    with pytest.raises(ConfigError, match="mine has no column image, only"):
        faces_from_rows([row], "mine")
