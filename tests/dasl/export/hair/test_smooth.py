import numpy as np

from dasl.export.hair.rays import COLUMNS, ROWS
from dasl.export.hair.smooth import smoothed


def test_a_constant_stays_as_it_is() -> None:
    same = smoothed(np.full((ROWS, COLUMNS), 3.0), np.full((ROWS, COLUMNS), 0.1))
    np.testing.assert_allclose(same, 3.0, atol=1e-9)


def test_one_sure_value_runs_on_over_the_seam_and_fades() -> None:
    weight = np.full((ROWS, COLUMNS), 0.01)
    target = np.zeros((ROWS, COLUMNS))
    weight[30, 0], target[30, 0] = 100.0, 1.0
    spread = smoothed(target, weight)
    np.testing.assert_allclose(spread[:, 1], spread[:, -1], atol=1e-9)
    assert spread[30, 0] > 0.9 > spread[30, -1] > spread[30, -2] > spread[30, COLUMNS // 2] > 0
