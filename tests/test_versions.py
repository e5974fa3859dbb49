"""The version stands in one place, and every other place agrees; the release checklist sees it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dasl
from tests.test_project import ROOT
from tools.release_package import changelog, checked_versions, versions


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the files that state the version, with an entry for it in the changelog."""
    (tmp_path / "dasl-eval").mkdir()
    for name in ("pyproject.toml", "dasl-eval/pyproject.toml"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## {dasl.__version__}\n\n- New.\n")
    return tmp_path


def test_all_places_agree() -> None:
    found = versions(ROOT)
    assert len(found) >= 4
    assert set(found.values()) == {dasl.__version__}


def test_the_changelog_has_an_entry_for_it() -> None:
    assert changelog(ROOT)[dasl.__version__]


def test_the_command_tells_it() -> None:
    words = [sys.executable, "-m", "dasl", "--version"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"dasl {dasl.__version__}\n"


def test_the_tags_message_is_the_changelogs(tree: Path) -> None:
    version = dasl.__version__
    assert checked_versions(tree, version) == f"dasl {version}\n\n- New."


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("dasl-eval/pyproject.toml", 'version = "{}"', 'version = "9"', "dasl-eval/pyproject"),
        (
            "pyproject.toml",
            "dasl-eval[hub,rays]=={}",
            "dasl-eval[hub,rays]==9",
            "toml, dependencies: 9",
        ),
        ("CHANGELOG.md", "## {}", "## 9", "no changes under"),
        ("CHANGELOG.md", "## {}", "## Unreleased\n\n- More.\n\n## {}", "move what is under"),
    ],
)
def test_a_place_that_disagrees_stops_the_release(
    tree: Path, file: str, old: str, new: str, words: str
) -> None:
    version = dasl.__version__
    text = (tree / file).read_text()
    assert old.format(version) in text
    (tree / file).write_text(text.replace(old.format(version), new.format(version)))
    with pytest.raises(SystemExit, match=words):
        checked_versions(tree, version)
