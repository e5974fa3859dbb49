"""The benchmark names every step and gives each a time."""

import json
import sys

import pytest

from dasl.export.textured_head import TexturedHead
from dasl.photo.load import load_photo
from tools import benchmark


def test_each_step_of_a_photo_has_a_time_and_makes_its_texture_anew(monkeypatch):
    textures = []
    make = TexturedHead._sampled_texture

    def counted(head, size):
        textures.append(size)
        return make(head, size)

    monkeypatch.setattr(TexturedHead, "_sampled_texture", counted)
    monkeypatch.setattr(benchmark, "WARM_UP_RUNS", 1)
    times = benchmark.photo_milliseconds(load_photo(benchmark.PHOTO), None, runs=1)
    assert benchmark.UNIT in times and "photo to vertices" in times
    assert all(milliseconds > 0 for milliseconds in times.values())
    # twice each: the texture, the one that JPEG and GLB share, and the GLB files from the photo
    assert len(textures) == 2 + 1 + 2 * 2


def test_the_times_are_printed_and_written(monkeypatch, tmp_path, capsys):
    made = {benchmark.UNIT: 2.0, "crop": 1.0}
    monkeypatch.setattr(benchmark, "photo_milliseconds", lambda *_: dict(made))
    monkeypatch.setattr(benchmark, "shell_seconds", lambda *_, **__: 3.0)
    path = tmp_path / "times.json"
    monkeypatch.setattr(sys, "argv", ["benchmark", "--json", str(path)])
    assert benchmark.main() == 0
    wanted = made | {"cold shell run, photo to GLB": 3000.0}
    assert json.loads(path.read_text()) == wanted
    lines = capsys.readouterr().out.splitlines()
    assert [float(line.split()[-2]) for line in lines[1:]] == pytest.approx([1.0, 0.5, 1500.0])
