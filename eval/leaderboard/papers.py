"""Publications of methods, and citations of them and of a board's rows."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from eval.leaderboard.board import BoardRow
from eval.results.record import ProtocolResult

PAPERS = Path(__file__).with_name("papers.csv")

_BIBTEX = {
    **{c: f"\\{c}" for c in "&%$#_"},
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True)
class Paper:
    """A publication of a method.

    Attributes:
        method: start of the method's name on boards.
        first: year of the first publication; a journal version may be later.
        paper: its address.
        code: address of a repository, "" if none is known.
        authors: in BibTeX's format.
        title: of the publication.
        venue: journal or conference.
        year: of the venue.
    """

    method: str
    first: str
    paper: str
    code: str
    authors: str
    title: str
    venue: str
    year: str


@cache
def papers() -> tuple[Paper, ...]:
    """All known publications, longer names first."""
    with PAPERS.open(encoding="utf-8", newline="") as file:
        known = [Paper(**line) for line in csv.DictReader(file)]
    return tuple(sorted(known, key=lambda paper: -len(paper.method)))


def paper_of(row: BoardRow) -> Paper | None:
    """The publication of a row's method; None if it is not known.

    A quoted row is matched by its name. A measured one, whose name its author chose, is matched by
    the link to the paper or to its repository.

    Example:
        >>> from eval.leaderboard.board import BoardRow
        >>> paper_of(BoardRow("florence", "quoted", "PRNet released weights", "", {})).year
        '2018'
    """
    if row.origin == "measured":
        link = row.link.removesuffix("/")
        return next((p for p in papers() if link and link in (p.paper, p.code)), None)
    return next((p for p in papers() if _begins_with(row.method, p.method)), None)


def citations(row: BoardRow) -> str:
    """BibTeX entries of a row: the publication, and for a measured row the measurement."""
    paper = paper_of(row)
    entries = [] if paper is None else [_publication(paper)]
    if row.record is not None:
        entries.append(_measurement(row.record))
    return "\n\n".join(entries)


def _begins_with(name: str, method: str) -> bool:
    rest = name.removeprefix(method)
    return rest != name and not rest[:1].isalnum() if rest else name == method


def _publication(paper: Paper) -> str:
    kind, place = "inproceedings", "booktitle"
    if paper.venue.startswith("IEEE Transactions"):
        kind, place = "article", "journal"
    fields = {
        "title": f"{{{_escaped(paper.title)}}}",
        "author": paper.authors,
        place: _escaped(paper.venue),
        "year": paper.year,
        "url": paper.paper,
    }
    return _entry(kind, _key(paper.method, paper.year), fields)


def _measurement(record: ProtocolResult) -> str:
    """The entry of the record: submission, scorer and date."""
    year = record.created[:4]
    fields = {
        "title": f"{{{_escaped(record.facts.method)} on {_escaped(record.protocol)}}}",
        "howpublished": "Measured by the dasl scorer, protocol version "
        f"{record.protocol_version}, {_escaped(record.created)}",
        "year": _escaped(year),
        "note": f"submission sha256 {_escaped(record.submission_sha256[:12] or 'in memory')}, "
        f"{record.scored} of {record.expected} images",
    }
    return _entry("misc", _key(record.facts.method, year, record.protocol), fields)


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@{kind}{{{key},\n{body}\n}}"


def _key(*parts: str) -> str:
    return "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")[:40] for part in parts)


def _escaped(text: str) -> str:
    return "".join(_BIBTEX.get(character, character) for character in " ".join(text.split()))
