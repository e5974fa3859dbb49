"""Panoramas: what is shown of their light, and the package that reads them."""

import importlib.util

import numpy as np
import pytest

from tools.open_weights import fetch_panoramas


def test_a_missing_package_is_named_before_anything_is_fetched(
    tmp_path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert fetch_panoramas.main(["--output", str(tmp_path / "panoramas")]) == 1
    assert "pip install OpenEXR" in capsys.readouterr().err
    assert not (tmp_path / "panoramas").exists()


def test_the_sun_does_not_darken_the_rest() -> None:
    light = np.full((10, 20, 3), 0.2, np.float32)
    light[0, 0] = 5000.0
    picture = fetch_panoramas.shown(light)
    assert picture[0, 0].tolist() == [255, 255, 255]
    assert 200 < picture[5, 5, 0] < 255
    assert fetch_panoramas.shown(1000 * light)[5, 5, 0] == picture[5, 5, 0]
