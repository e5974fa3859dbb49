"""The simulation of coverage, on few repeats."""

import numpy as np

from tools.simulate_intervals import World, errors_by_bin, measure, type_one_errors, worlds


def test_a_world_of_normal_errors_is_covered() -> None:
    def draw(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, None]:
        return generator.normal(3.0, 1.0, 40), np.zeros(40, np.int64), None

    found = measure(World("normal", 3.0, draw, "both"), repeats=300, draws=200)
    assert 88.0 < found["scorer"].inside <= 100.0
    whole = found["scorer"]
    assert abs(whole.inside + whole.mean_above + whole.mean_below - 100.0) < 1e-9


def test_subjects_are_not_taken_for_independent_pictures() -> None:
    world = next(world for world in worlds() if world.name.startswith("florence"))
    found = measure(world, repeats=60, draws=150)
    assert found["percentile"].inside < 75.0 < found["scorer"].inside


def test_worlds_know_their_mean() -> None:
    row = next(world for world in worlds() if world.name == "aflw2000-3d 2dasl_released")
    bins = errors_by_bin("2dasl_released")
    assert row.mean == np.mean([part.mean() for part in bins])
    values, groups, _ = row.draw(np.random.default_rng(0))
    assert [int((groups == n).sum()) for n in range(3)] == [len(part) for part in bins]
    assert set(values[groups == 2]) <= set(bins[2])


def test_tests_reject_a_true_difference_always_and_none_rarely() -> None:
    def world(mean: float) -> World:
        def draw(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, None]:
            return generator.normal(mean, 1.0, 60), np.arange(60) % 3, None

        return World("normal", mean, draw, "both")

    none = type_one_errors(world(0.0), repeats=200, draws=199)
    assert all(share < 12.0 for share in none.values())
    assert none["verdict"] <= min(none["interval"], none["permutation of the mean"])
    assert set(type_one_errors(world(3.0), repeats=10, draws=199).values()) == {100.0}
