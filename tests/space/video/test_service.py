"""The clip pipeline itself is tested with `dasl.video`; here is what the demo adds to it."""

import numpy as np
import pytest

from dasl.errors import NoFaceFound, notices_to
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.video import Frame
from dasl.video.overlay import write_film
from dasl.weights.folder import EMBEDDED_FOLDER
from space.settings import MAX_CLIP_S
from space.video.service import MAX_RATE, _thinned, answer_clip

needs_weights = pytest.mark.skipif(
    not EMBEDDED_FOLDER.is_dir(), reason="dasl/assets/lite0 is missing: no weights are embedded"
)


def grey_clip(path, count, rate):
    pixels = np.full((64, 96, 3), 128, dtype=np.uint8)
    return write_film(path, (Frame(n, n / rate, pixels) for n in range(count)))


class Frames:
    """A clip of so many frames a second."""

    def __init__(self, rate, seconds):
        self.rate, self.count = rate, round(rate * seconds)

    def frames(self):
        return (Frame(n, n / self.rate, None) for n in range(self.count))


@pytest.mark.parametrize(("rate", "kept"), [(15, 15), (30, 30), (60, 30), (240, 30)])
def test_fast_clips_are_thinned_and_numbered_anew(rate, kept):
    kept_frames = list(_thinned(Frames(rate, 2.0)))
    assert [frame.index for frame in kept_frames] == list(range(len(kept_frames)))
    assert len(kept_frames) == pytest.approx(2 * kept, abs=2)
    steps = np.diff([frame.time_s for frame in kept_frames])
    assert steps.min() > 0.9 / MAX_RATE


@needs_weights
def test_of_a_clip_too_long_the_start_is_looked_at(tmp_path):
    clip, heard = grey_clip(tmp_path / "long.mp4", 6, rate=6 / (MAX_CLIP_S + 3)), []
    with notices_to(heard.append), pytest.raises(NoFaceFound, match="in the 5 frames"):
        answer_clip(clip, tmp_path, FaceReconstructor.from_pretrained(), lambda share, what: None)
    assert len(heard) == 1 and "longer than 12 s, the limit" in heard[0]


@needs_weights
def test_a_clip_without_a_face_says_what_to_bring(tmp_path):
    clip, told = grey_clip(tmp_path / "grey.mp4", 3, 10), []
    reconstructor = FaceReconstructor.from_pretrained()
    with pytest.raises(NoFaceFound, match="no face found in the 3 frames of this clip; use one"):
        answer_clip(clip, tmp_path, reconstructor, lambda share, what: told.append(share))
    assert told == sorted(told)
    assert [path.name for path in tmp_path.iterdir()] == ["grey.mp4"]
