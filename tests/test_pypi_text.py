"""The text for PyPI: the README without front matter, and links that lead somewhere."""

import os
import shutil
import subprocess
import sys
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = "https://example.org/raw/COMMIT"
BUILD = "from setuptools import build_meta; build_meta.prepare_metadata_for_build_wheel('out')"


@pytest.mark.parametrize("address", ["", ADDRESS])
def test_the_built_package_says_what_pypi_can_show(tmp_path: Path, address: str) -> None:
    for name in ("setup.py", "pyproject.toml", "README.md", "NOTICE"):
        shutil.copy(ROOT / name, tmp_path)
    for path in ROOT.glob("LICENSE*"):
        shutil.copy(path, tmp_path)
    (tmp_path / "out").mkdir()
    subprocess.run(
        [sys.executable, "-c", BUILD],
        cwd=tmp_path,
        env={**os.environ, "DASL_REPOSITORY_URL": address},
        check=True,
        capture_output=True,
    )
    (metadata,) = tmp_path.glob("out/*.dist-info/METADATA")
    message = message_from_string(metadata.read_text(encoding="utf-8"))
    text = str(message.get_payload())
    assert message["Description-Content-Type"] == "text/markdown"
    assert text.startswith("# dasl: ") and "app_file:" not in text
    assert "](docs/" not in text and "](eval/" not in text and "](space/" not in text
    assert (f"]({ADDRESS}/docs/examples.jpg)" in text) == bool(address)
    assert ("![" in text) == bool(address)
    assert "[2DASL](https://arxiv.org/abs/1903.09359)" in text and "(#licences)" in text
    assert "| dasl lite0 (embedded) |" in text
