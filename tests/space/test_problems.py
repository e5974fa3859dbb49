import logging
from pathlib import Path

import pytest

from dasl.errors import PhotoError, WeightsError
from dasl.video import ClipError
from space import text
from space.reconstruct.problems import problem_words

PATH = "/srv/uploads/a1b2/me.jpg"


def test_a_message_of_ours_is_told_without_the_servers_path():
    words = problem_words(PhotoError(f"'{PATH}' is empty (0 bytes); wanted a photo"), PATH)
    assert words == "This file is empty (0 bytes); wanted a photo"


def test_the_command_lines_advice_is_left_out():
    error = ClipError(f"'{PATH}' is 90 s long; at most 12 s are read: cut it, or raise --seconds")
    assert (
        problem_words(error, Path(PATH)) == "This file is 90 s long; at most 12 s are read: cut it"
    )


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


def test_heic_is_told_what_to_do():
    assert (
        problem_words(PhotoError("'a.heic' is a HEIC photo, which is not read here")) == text.HEIC
    )
