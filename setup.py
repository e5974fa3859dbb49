"""What pyproject.toml cannot say: the text for PyPI, made from README.md.

It leaves out the Space's front matter. Links inside the project become absolute where
DASL_REPOSITORY_URL names the published folder of this commit's files, such as
https://raw.githubusercontent.com/USER/REPO/COMMIT; without it, pictures are left out and links are
plain words, as a relative one would lead nowhere.
"""

import os
import re
from pathlib import Path

from setuptools import setup

README = Path(__file__).parent / "README.md"
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?://|#)([^)]+)\)")


def pypi_text(readme: str, address: str) -> str:
    """The README as PyPI shows it.

    Args:
        readme: with front matter between two lines of three dashes.
        address: of the published files, without a slash at the end; "" where there is none.
    """
    _, _, body = readme.removeprefix("---\n").partition("\n---\n")

    def linked(found: re.Match[str]) -> str:
        is_picture, words, place = found.groups()
        if address:
            return f"{is_picture}[{words}]({address}/{place})"
        return "" if is_picture else words

    return LINK.sub(linked, body).lstrip()


setup(
    long_description=pypi_text(
        README.read_text(encoding="utf-8"), os.environ.get("DASL_REPOSITORY_URL", "").rstrip("/")
    ),
    long_description_content_type="text/markdown",
)
