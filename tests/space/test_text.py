import math

from eval.results.record import MethodFacts
from space.text import NOT_STATED, capitalised, sentence, shown, stated, with_minus
from tests.eval.invented_results import invented_result

SCORE = invented_result("mine", 0.0364).headline


def test_a_message_becomes_a_sentence():
    assert sentence("no image was scored by both") == "No image was scored by both."
    assert capitalised("is HEIC") == "Is HEIC" and capitalised("") == ""


def test_the_name_of_a_file_keeps_its_case():
    assert sentence("mine.csv has no rows") == "mine.csv has no rows."


def test_an_error_has_its_unit_unless_there_is_none():
    assert shown(0.0364, SCORE) == "3.640 %"
    assert shown(math.nan, SCORE) == "-"


def test_a_minus_is_no_hyphen():
    assert with_minus("-12") == "−12"


def test_what_a_submitter_leaves_open_is_not_shown():
    assert MethodFacts("mine").licence == NOT_STATED
    assert (stated(NOT_STATED), stated("MIT")) == ("", "MIT")
