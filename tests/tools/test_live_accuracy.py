import numpy as np
import pytest

from tools.live_accuracy import lag_behind


@pytest.mark.parametrize("late", [0.0, 1.5, 6.0, -2.0])
@pytest.mark.parametrize("every", [1, 4])
def test_lag_is_measured_where_frames_are_missing(late, every):
    time = np.arange(200) / 6
    motion = np.stack([np.sin(time), np.cos(1.3 * time)], axis=1)[:, None]
    frames = np.arange(0, 200, every)
    seen = np.clip(frames - late, 0, 199)
    found = np.stack([np.interp(seen, np.arange(200), motion[:, 0, axis]) for axis in (0, 1)], -1)
    assert lag_behind(found[:, None], frames, motion) == pytest.approx(late, abs=0.051)
