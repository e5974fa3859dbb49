"""Maps as files: readable, hashed, and checked before they are used."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.aflw_lfpa.map import LARGEST_FILE, LandmarkMap, load_map, rounded, save_map
from eval.errors import MapError


def invented_map() -> LandmarkMap:
    """Point n is iBUG point n, but the first is a quarter of 37 and three quarters of 40."""
    weights = np.eye(34, 68)
    weights[0] = 0.0
    weights[0, [36, 39]] = 0.25, 0.75
    return LandmarkMap("mine", weights, {"method": "invented", "images_used": 7})


def edited(path: Path, change: dict[str, object]) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))


def test_a_map_makes_weighted_sums_of_the_68() -> None:
    faces = np.arange(2 * 68 * 3, dtype=np.float32).reshape(2, 68, 3)
    points = invented_map().apply(faces)
    assert points.shape == (2, 34, 3)
    assert points[1, 0] == pytest.approx(0.25 * faces[1, 36] + 0.75 * faces[1, 39])
    assert (points[1, 5] == faces[1, 5]).all()
    faces[0] = np.nan
    assert np.isnan(invented_map().apply(faces)[0]).all()


def test_a_map_commutes_with_moving_turning_and_scaling_the_photo() -> None:
    faces = np.random.default_rng(3).uniform(0, 400, size=(4, 68, 2))
    turn = np.array([[1.2, 0.7], [-0.7, 1.2]])
    moved = faces @ turn + [30.0, -20.0]
    expected = invented_map().apply(faces) @ turn + [30.0, -20.0]
    assert invented_map().apply(moved) == pytest.approx(expected)


def test_a_map_survives_its_file_and_the_file_can_be_read(tmp_path: Path) -> None:
    save_map(tmp_path / "map.json", invented_map())
    loaded = load_map(tmp_path / "map.json")
    assert (loaded.weights == invented_map().weights).all()
    assert (loaded.name, loaded.sha256) == ("mine", invented_map().sha256)
    assert loaded.made == {"method": "invented", "images_used": 7}
    lines = (tmp_path / "map.json").read_text().splitlines()
    assert '  {"point": 1, "weights": {"37": 0.25, "40": 0.75}},' in lines


def test_the_hash_tells_of_the_weights_alone() -> None:
    first = invented_map()
    assert LandmarkMap("other", first.weights, {}).sha256 == first.sha256
    changed = first.weights.copy()
    changed[0, [36, 39]] = 0.2501, 0.7499
    assert LandmarkMap("mine", changed, first.made).sha256 != first.sha256


def test_rounding_keeps_the_sum_of_each_point() -> None:
    weights = np.zeros((34, 68))
    weights[:, :3] = 1.0 / 3.0
    weights[1, :3] = 1.33333, -0.33337, 0.00004
    short = rounded(weights)
    assert np.sort(short[0, :3]) == pytest.approx([0.3333, 0.3333, 0.3334])
    assert short[1, :3] == pytest.approx([1.3334, -0.3334, 0.0])
    assert np.abs(short.sum(axis=1) - 1.0).max() < 1e-12


def test_weights_that_cannot_be_a_map_are_refused() -> None:
    with pytest.raises(MapError, match=r"weights must be \(34, 68\), got \(34, 67\)"):
        LandmarkMap("m", np.eye(34, 67), {})
    with pytest.raises(MapError, match=r"those of point 3 add up to 0\.5"):
        LandmarkMap("m", np.diag([1, 1, 0.5] + [1] * 31) @ np.eye(34, 68), {})
    with pytest.raises(MapError, match=r"finite and at most 100"):
        LandmarkMap("m", np.where(np.eye(34, 68) > 0, np.nan, 0.0), {})


def test_an_edited_map_is_noticed_and_told_its_new_hash(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    save_map(path, invented_map())
    path.write_text(path.read_text().replace('"37": 0.25, "40": 0.75', '"37": 0.5, "40": 0.5'))
    with pytest.raises(
        MapError, match=r"do not have the stated hash.* sha256 [0-9a-f]{64}"
    ) as info:
        load_map(path)
    edited(path, {"sha256": str(info.value)[-64:], "name": "mine, by hand"})
    assert load_map(path).weights[0, 36] == 0.5


def test_files_that_are_no_maps_are_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    points = [{"point": n, "weights": {str(n): 1.0}} for n in range(1, 35)]
    cases: list[tuple[dict[str, object], str]] = [
        ({"extra": 1}, "must be an object with schema_version, name"),
        ({"schema_version": 2}, "schema_version must be 1 and index_base 1, got 2"),
        ({"index_base": 0}, "index_base 1, got 1 and 0"),
        ({"name": " "}, "name must be a non-empty text"),
        ({"name": 3}, "name must be a text, got 3"),
        ({"made": {"a": []}}, "made must be an object of texts and numbers"),
        ({"points": points[:33]}, "points must be a list of 34"),
        ({"points": points[::-1]}, "entry 1 must hold point 1"),
        ({"points": [*points[:33], {"point": 34, "weights": {"69": 1.0}}]}, "point 34: .* 69: 1.0"),
        ({"points": [*points[:33], {"point": 34, "weights": {"1": True}}]}, "1: True"),
        ({"points": [*points[:33], {"point": 34, "weights": {"1": float("nan")}}]}, "1: nan"),
        ({"points": [*points[:33], {"point": 34, "weights": {"1": 10**400}}]}, "point 34"),
        ({"points": [*points[:33], {"point": 34, "weights": {"1": 0.5}}]}, "add up to 0.5"),
        ({"points": points}, "do not have the stated hash"),
    ]
    for change, message in cases:
        save_map(path, invented_map())
        edited(path, change)
        with pytest.raises(MapError, match=message):
            load_map(path)


def test_damaged_missing_and_huge_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    for content in (b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"[]", b"null"):
        path.write_bytes(content)
        with pytest.raises(MapError, match=r"map.json is not a map"):
            load_map(path)
    with path.open("wb") as stream:
        stream.truncate(LARGEST_FILE + 1)
    with pytest.raises(MapError, match=r"larger than 1,048,576 bytes"):
        load_map(path)
    with pytest.raises(MapError, match=r"cannot read .*calibrate-lfpa"):
        load_map(tmp_path / "nowhere.json")
    with pytest.raises(MapError, match=r"cannot read"):
        load_map(tmp_path)


def test_a_map_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"cannot write .*nowhere.*choose another place"):
        save_map(tmp_path / "nowhere" / "map.json", invented_map())
    assert os.listdir(tmp_path) == []
