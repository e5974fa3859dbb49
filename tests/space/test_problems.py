import logging

import pytest

import dasl.errors
from dasl.errors import DaslError, ExportError, NoFaceFound, PhotoError, WeightsError
from space import text
from space.problems import problem_words

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


def test_a_file_of_the_server_is_told_by_its_name():
    words = problem_words(ExportError("cannot write '/srv/x/overlay.mp4': no space left"), PATH)
    assert words == "Cannot write 'overlay.mp4': no space left"


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
