"""Shape errors of runs: their file, and their reduction with an interval."""

from pathlib import Path

import pytest

from dasl.ablation.cells import Cell
from dasl.ablation.shapes import ShapeResult, below_mean_head, load_shapes
from dasl.errors import ConfigError


def shapes(errors: list[float], seed: int = 0) -> ShapeResult:
    return ShapeResult(Cell("cyc", False, 20, seed), [0, 0, 1, 2], errors, [2.0, 2.0, 1.0, 3.0])


def test_the_reduction_is_of_sums_over_all_pictures() -> None:
    assert below_mean_head([shapes([1.0, 1.0, 1.0, 1.0])]).mean == pytest.approx(50.0)


def test_the_interval_is_over_people_and_seeds() -> None:
    same = [shapes([1.0, 1.0, 0.5, 1.5], seed) for seed in range(2)]
    steady = below_mean_head(same)
    assert steady.low == pytest.approx(50.0) and steady.high == pytest.approx(50.0)
    seeds = below_mean_head([same[0], shapes([1.2, 1.2, 0.6, 1.8], 1)])
    assert seeds.low == pytest.approx(40.0) and seeds.high == pytest.approx(50.0)
    people = below_mean_head([shapes([2.0, 2.0, 0.5, 1.5])])
    assert people.low < people.mean < people.high
    assert below_mean_head(same, minus=same[:1]).mean == pytest.approx(0.0)


def test_errors_come_back_and_a_foreign_file_is_named(tmp_path: Path) -> None:
    assert load_shapes(tmp_path) == []
    before = shapes([1.0, 2.0, 3.0, 4.0])
    before.save(tmp_path)
    assert load_shapes(tmp_path) == [before]
    (tmp_path / "shapes/other.json").write_text("[]")
    with pytest.raises(ConfigError, match=r"other\.json does not hold shape errors.*delete it"):
        load_shapes(tmp_path)


def test_errors_on_different_pictures_are_refused(tmp_path: Path) -> None:
    shapes([1.0, 2.0, 3.0, 4.0]).save(tmp_path)
    ShapeResult(Cell("cyc", False, 20, 1), [0, 1], [1.0, 2.0], [2.0, 2.0]).save(tmp_path)
    with pytest.raises(ConfigError, match="of different pictures; delete them"):
        load_shapes(tmp_path)
