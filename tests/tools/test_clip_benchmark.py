"""The clip's benchmark makes its own clip, times each step of it, and knows its truth."""

import re

from tools.clip_benchmark import clip_figures
from tools.moving_head import EXAMPLE


def test_each_step_of_a_clip_has_a_time_and_the_landmarks_an_error():
    found = clip_figures(EXAMPLE, 0.5, None, size=(320, 240), cold=False)
    assert found.frames == 15
    steps = dict(found.seconds)
    warm = steps.pop("these steps, warm")
    assert all(seconds > 0 for seconds in steps.values())
    assert abs(warm - sum(steps.values())) < 1e-6
    assert 0 < found.nme_percent < 5
    assert 0 < found.jitter_px < found.jitter_unsmoothed_px
    lines = str(found).splitlines()
    assert lines[0] == "15 frames"
    rate = re.search(r"following +[0-9.]+ s +([0-9.]+) frames/s", lines[1])
    assert rate is not None
    following = found.seconds["decoding and following"]
    assert abs(float(rate[1]) - 15 / following) < 0.1
