"""The documents of the project, and the code blocks, links and commands in them."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = (
    "README.md",
    *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").glob("*.md"))),
    *("eval/README.md", "space/README.md", "tools/history/README.md"),
)


def text_of(name: str) -> str:
    """A document's text."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", text_of(name), re.DOTALL)


def commands(name: str) -> list[list[str]]:
    """Every command line of the shell blocks, as words, without comments."""
    lines = (line for block in blocks(name, "sh") for line in block.splitlines())
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def links(name: str) -> list[str]:
    """Where the links and pictures inside the project lead."""
    places = re.findall(r"\]\(([^)\s]+)\)", text_of(name))
    return [place for place in places if "://" not in place]


def anchors(name: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text_of(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
