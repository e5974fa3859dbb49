import logging

import numpy as np
import pytest

import dasl.errors
from dasl.errors import DaslError, NoFaceFound, PhotoError, WeightsError
from dasl.video.clip import Clip, ClipTooLong, Frame
from space import text
from space.problems import problem_words
from tools.moving_head import write_clip

PATH = "/srv/uploads/a1b2/me.jpg"
OF_THEIR_OWN = {WeightsError: text.NOT_READY}
TYPES = [
    kind
    for kind in vars(dasl.errors).values()
    if isinstance(kind, type) and issubclass(kind, DaslError)
]


def test_a_message_of_ours_is_told_without_the_servers_path():
    words = problem_words(PhotoError(f"'{PATH}' is empty (0 bytes); wanted a photo"), PATH)
    assert words == "This file is empty (0 bytes); wanted a photo"


def test_a_clip_that_is_too_long_gets_no_advice_of_the_command_line(tmp_path):
    black = np.zeros((64, 64, 3), np.uint8)
    path = write_clip(tmp_path / "clip.mp4", [Frame(n, t, black) for n, t in enumerate((0.0, 9.0))])
    with pytest.raises(ClipTooLong) as caught:
        Clip.open(path, max_seconds=5)
    words = problem_words(caught.value, path)
    assert words == "This file is 9 s long; at most 5 s are read: cut it"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (WeightsError("/srv/x: cannot read it"), text.NOT_READY),
        (RuntimeError("secret /srv/x"), text.TROUBLE),
    ],
)
def test_what_the_owner_must_know_is_in_the_log_alone(error, words, caplog):
    with caplog.at_level(logging.ERROR):
        assert problem_words(error) == words
    assert "/srv/x" in caplog.text


def test_words_in_a_message_decide_nothing():
    for words in ("'a.heic' is a HEIC photo", "the weights are missing"):
        assert problem_words(PhotoError(words)) == words[:1].upper() + words[1:]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_every_type_of_error_has_its_text(kind, caplog):
    words = problem_words(kind(f"'{PATH}' has a fault; mend it"), PATH)
    assert words == OF_THEIR_OWN.get(kind, "This file has a fault; mend it")


def test_an_error_of_a_type_that_nobody_knows_is_told_in_its_own_words():
    class NewError(DaslError):
        """Of a later version."""

    assert problem_words(NewError("no such face; choose another")) == "No such face; choose another"
    assert problem_words(NoFaceFound("no face found")) == "No face found"
