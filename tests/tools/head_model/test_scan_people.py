"""People from statistics of scans: read, made whole, drawn; and the embedded head beside them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dasl.datasets.rendered.scan_shapes import FILE
from dasl.errors import ConfigError
from dasl.head.morphable_model import MorphableModel
from tools.build_head_model import reference_head
from tools.head_model.carry import Carrier
from tools.head_model.procrustes import similarity
from tools.head_model.scan_people import (
    ScanStatistics,
    read_statistics,
    sample_scan_people,
    whole_heads,
)

Array = NDArray[np.float64]
MIRROR = np.array([1, 0, 2, 3])
# People that nothing else draws: those used here are in no training set.
SEED = 9101


def _write(root: Path, covered: list[bool]) -> None:
    random = np.random.default_rng(0)
    path = root / FILE
    path.parent.mkdir()
    np.savez(
        path,
        mean_m=random.normal(size=(4, 3)).astype(np.float32),
        modes_m=random.normal(size=(2, 4, 3)).astype(np.float16),
        covered=np.array(covered),
    )


def test_a_read_mean_is_symmetric_and_covered_vertices_come_in_pairs(tmp_path: Path) -> None:
    _write(tmp_path, [True, False, True, True])
    statistics = read_statistics(tmp_path, MIRROR)
    np.testing.assert_allclose(statistics.mean[MIRROR] * [-1, 1, 1], statistics.mean)
    assert statistics.covered.tolist() == [False, False, True, True]


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="DASL_DATA_ROOT"):
        read_statistics(tmp_path, MIRROR)


def test_statistics_of_another_head_are_refused(tmp_path: Path) -> None:
    _write(tmp_path, [True] * 4)
    with pytest.raises(ConfigError, match="has 4 vertices, the head model 3"):
        read_statistics(tmp_path, np.arange(3))


def test_whole_heads_keep_what_is_covered_and_carry_the_rest() -> None:
    random = np.random.default_rng(1)
    base = random.normal(size=(6, 3))
    covered = np.array([True] * 5 + [False])
    mean = np.where(covered[:, None], 2 * base + [0, 1, 0], 99.0)
    modes = np.where(covered[:, None], random.normal(size=(3, 6, 3)), 99.0)

    def carrier_on(vertices: Array) -> Carrier:
        def extend(offsets: Array) -> Array:
            return np.where(covered[:, None], offsets, offsets[:1])

        return Carrier(covered, extend, [])

    whole = whole_heads(ScanStatistics(mean, modes, covered), base, np.ones(6), carrier_on)
    np.testing.assert_allclose(whole.mean, 2 * base + [0, 1, 0], atol=1e-9)
    np.testing.assert_array_equal(whole.modes[:, :5], modes[:, :5])
    np.testing.assert_array_equal(whole.modes[:, 5], modes[:, 0])


def test_people_have_the_mean_and_the_spread_of_the_statistics() -> None:
    random = np.random.default_rng(2)
    mean, modes = random.normal(size=(5, 3)), random.normal(size=(2, 5, 3))
    statistics = ScanStatistics(mean, modes, np.ones(5, dtype=bool))
    people = sample_scan_people(statistics, 4000, seed=3)
    np.testing.assert_allclose(people.mean(axis=0), mean, atol=0.1)
    np.testing.assert_allclose(people.std(axis=0), np.linalg.norm(modes, axis=0), rtol=0.06)
    np.testing.assert_array_equal(people[:7], sample_scan_people(statistics, 4000, seed=3)[:7])


def _distance_mm(mean: Array, people: Array, part: NDArray[np.bool_]) -> float:
    weight = part.astype(np.float64)
    laid_on = [similarity(mean, person, weight).of_points(mean) for person in people]
    return 1000 * float(np.linalg.norm(laid_on - people, axis=2)[:, part].mean())


def test_the_mean_head_is_15_percent_nearer_to_people_than_the_first_was(
    scans: ScanStatistics, head: MorphableModel
) -> None:
    people = sample_scan_people(scans, 40, SEED).astype(np.float64)
    face = head.region("face") & scans.covered
    ours = _distance_mm(head.mean_vertices.astype(np.float64), people, face)
    first = _distance_mm(reference_head(), people, face)
    assert ours < 0.85 * first


def test_the_identity_space_holds_people(scans: ScanStatistics, head: MorphableModel) -> None:
    """What is left of a person's face when the components are fitted to it: well below 1 mm."""
    face = head.region("face") & scans.covered
    mean = head.mean_vertices.astype(np.float64)
    basis = head.identity_basis.astype(np.float64)[:, face].reshape(head.identity_count, -1).T
    for person in sample_scan_people(scans, 5, SEED).astype(np.float64):
        laid_on = similarity(person, mean, face.astype(np.float64)).of_points(person)
        offset = (laid_on - mean)[face].ravel()
        identity = np.linalg.lstsq(basis, offset, rcond=None)[0]
        left = np.linalg.norm((offset - basis @ identity).reshape(-1, 3), axis=1)
        assert left.mean() < 0.3e-3
