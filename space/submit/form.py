"""The submitter's description of a method, checked before reading files or queueing."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from eval.results.record import MethodFacts
from space.text import NOT_STATED

LONGEST_NAME = 80
LONGEST_TEXT = 200
LONGEST_LINK = 300
BOXES = (NOT_STATED, "benchmark", "detector")
"""Source of the crops, as named in records."""


@dataclass(frozen=True)
class Form:
    """The text fields of a submission, as typed.

    Attributes:
        method: its name on the board.
        link: to paper or code, "" for none.
        year: "" for none.
        licence: licence of the weights or the code.
        training_data: short description.
        boxes: one of `BOXES`.
    """

    method: str
    link: str = ""
    year: str = ""
    licence: str = ""
    training_data: str = ""
    boxes: str = BOXES[0]

    def facts(self) -> MethodFacts:
        """The facts for a record; call only if `problems` is empty."""
        stated = {
            name: " ".join(value.split())
            for name, value in vars(self).items()
            if value and value.strip()
        }
        return MethodFacts(**stated)


def problems(form: Form) -> dict[str, str]:
    """Problems by field name: got, expected, what to do; empty if all is well."""
    checked = {
        "method": _method(form.method),
        "link": _link(form.link),
        "year": _year(form.year),
        "licence": _text("The licence", form.licence, LONGEST_TEXT),
        "training_data": _text("The training data", form.training_data, LONGEST_TEXT),
        "boxes": "" if form.boxes in BOXES else f"Boxes must be one of {', '.join(BOXES)}.",
    }
    return {name: words for name, words in checked.items() if words}


def is_web_address(link: str) -> bool:
    """Whether a text is an http(s) address with a host, and nothing else."""
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
    except ValueError:
        return False
    clean = link.isprintable() and not re.search(r"[\s<>\"'`\\]", link)
    return clean and parts.scheme in ("http", "https") and "." in host


def _method(name: str) -> str:
    if not name or not name.strip():
        return "Enter a name; the board shows it."
    return _text("The method's name", name, LONGEST_NAME)


def _text(what: str, text: str, longest: int) -> str:
    text = (text or "").strip()
    if len(text) > longest:
        return f"{what} has {len(text)} characters, at most {longest} are shown; shorten it."
    if not text.isprintable():
        return f"{what} holds line breaks or control characters; write one plain line."
    return ""


def _link(link: str) -> str:
    link = (link or "").strip()
    if not link or (is_web_address(link) and len(link) <= LONGEST_LINK):
        return ""
    return (
        f"The link must be an http:// or https:// address of at most {LONGEST_LINK} characters; "
        "give the paper's or the repository's, or leave it empty."
    )


def _year(year: str) -> str:
    if not year or re.fullmatch(r"(19|20)\d\d", year.strip()):
        return ""
    return "The year must have four digits, such as 2026; or leave it empty."
