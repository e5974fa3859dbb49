"""The clip's benchmark makes its own clip and times each step of it."""

from tools.clip_benchmark import FRAMES, clip_seconds, print_clip_seconds
from tools.moving_head import EXAMPLE


def test_each_step_of_a_clip_has_a_time_and_a_rate(capsys):
    times = clip_seconds(EXAMPLE, 0.2, None, size=(160, 120), cold=False)
    assert times.pop(FRAMES) == 6
    assert all(seconds > 0 for seconds in times.values())
    warm = times.pop("these steps, warm")
    assert abs(warm - sum(times.values())) < 1e-6
    print_clip_seconds({FRAMES: 6.0, "following": 0.5})
    assert "12.0 frames/s" in capsys.readouterr().out
