"""Tests of the measure of likeness: its table, and its message without the recogniser."""

import sys

import numpy as np
import pytest

from tools import evaluate_likeness
from tools.evaluate_likeness import table


def test_heads_nearest_their_own_photos_are_counted_and_missing_ones_are_not() -> None:
    photos = np.eye(3)
    near, wrong = photos + 0.1 * np.roll(photos, 1, axis=1), np.roll(photos, 1, axis=0)
    heads = [[None, near[0], near[0]], [near[1], near[1], wrong[1]], [near[2], near[2], near[2]]]
    lines = table(["a", "b", "c"], photos, heads).splitlines()
    assert lines[-1].split() == ["first", "2/2", "3/3", "2/3"]
    assert lines[1].split() == ["a", "-", "0.100", "0.100"]
    assert float(lines[-3].split()[2]) == pytest.approx(0.1)
    assert float(lines[-2].split()[2]) > 1.0


def test_without_the_recogniser_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    monkeypatch.setattr(sys, "argv", ["evaluate_likeness"])
    assert evaluate_likeness.main() == 1
    message = capsys.readouterr().err
    assert "needs the package dlib" in message
    assert "pip install dlib-bin" in message
