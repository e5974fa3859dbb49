import pytest

from eval.results.record import MethodFacts
from space.submit.form import Form, is_web_address, problems


def test_a_full_form_becomes_the_facts_of_a_record():
    form = Form(" My  method ", "https://example.org", "2026", "MIT", "300W-LP", "benchmark")
    assert problems(form) == {}
    assert form.facts() == MethodFacts(
        "My method",
        link="https://example.org",
        year="2026",
        licence="MIT",
        training_data="300W-LP",
        boxes="benchmark",
    )


def test_what_was_left_empty_is_not_stated():
    assert Form("mine").facts() == MethodFacts("mine")
    assert problems(Form("<script>alert(1)</script>")) == {}  # shown as the text that it is


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        (Form(""), "method", "Enter a name"),
        (Form("  "), "method", "Enter a name"),
        (Form("x" * 81), "method", "at most 80"),
        (Form("a\nb"), "method", "plain line"),
        (Form("x", link="javascript:alert(1)"), "link", "http:// or https://"),
        (Form("x", link="https://" + "a" * 300 + ".org"), "link", "300"),
        (Form("x", year="soon"), "year", "four digits"),
        (Form("x", licence="y" * 201), "licence", "at most 200"),
        (Form("x", training_data="\x1b[31m"), "training_data", "control"),
        (Form("x", boxes="mine"), "boxes", "one of"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(form: Form, field: str, words: str):
    told = problems(form)
    assert list(told) == [field]
    assert words in told[field]


@pytest.mark.parametrize(
    "link",
    [
        *("ftp://example.org", "//example.org", "example.org", "https://", "https://nohost"),
        *(
            "https://[broken",
            "https://example.org/a b",
            'https://example.org/"x',
            "data:text/html,x",
        ),
        *("https://example.org/<script>", "https://example.org/\u202e"),
    ],
)
def test_other_addresses_than_of_the_web_are_none(link: str):
    assert not is_web_address(link)


def test_addresses_of_the_web_are_taken():
    assert is_web_address("http://example.org:8080/a?b=c#d")
    assert is_web_address("https://arxiv.org/abs/1903.09359")
