"""Writes the Live page as static files, for any web server such as `python -m http.server`."""

import argparse
import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from dasl.errors import WeightsError
from space.deploy.files import DeployError
from space.settings import ROOT

EXAMPLES = """examples:
  python -m space live site && python -m http.server --directory site 8000
  python -m space deploy user/live --live                # the same as a static Space
"""
WEB, VENDOR, PAGE = "space/web", "space/vendor", "space/web/live"
HOME, WORKER, README_NAME = "index.html", "sw.js", "README.md"
MODEL_INDEX = "model/files.json"
UNFILLED = 'const VERSION = "";\nconst FILES = {};\n'
"""What the service worker's source has in place of its version and files."""
LICENCES = ("LICENSE", "LICENSE-ICT-FaceKit", "LICENSE-weights", "NOTICE")
SUFFIXES = (".js", ".css", ".svg", ".gz", ".md", ".json")
README = """---
title: dasl live
emoji: 🗿
colorFrom: blue
colorTo: gray
sdk: static
short_description: A 3D head that mimics you; your camera stays yours
license: other
---

Your camera, a clip or a photo, and a 3D head that does the same: all of it in your browser.
Weights: research only (`LICENSE-weights.txt`). Code: Apache-2.0 (`LICENSE.txt`). `NOTICE.txt` has
what others made.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `live`."""
    parser.add_argument("folder", type=Path, help="made if missing")
    parser.add_argument("--weights", metavar="PLACE", help="a folder, or USER/REPO on the hub")


def run(options: argparse.Namespace) -> str:
    """Write the page.

    Raises:
        DeployError: a file is missing or cannot be written.
    """
    names = stage_live(ROOT, options.folder, options.weights)
    size = sum((options.folder / name).stat().st_size for name in names)
    return f"{len(names)} files, {size / 1e6:.1f} MB in {options.folder}\n"


def stage_live(root: Path, folder: Path, weights: str | None = None) -> list[str]:
    """Copy the page's files into a folder and create the model files.

    Args:
        root: folder of the project.
        folder: made if missing.
        weights: a folder or hub id; None for the embedded ones.

    Returns:
        The paths inside it, sorted.

    Raises:
        DeployError: a file is missing or cannot be written.
    """
    from dasl.video.browser.files import browser_files_of  # slow, and `deploy` needs it rarely

    copies = {HOME: root / PAGE / HOME}
    copies |= {f"{name}.txt": root / name for name in LICENCES}
    for place in (WEB, VENDOR):
        for path in (root / place).rglob("*"):
            if path.is_file() and path.suffix in SUFFIXES and path.name != WORKER:
                copies[path.relative_to(root / "space").as_posix()] = path
    try:
        for name, path in copies.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)
        (folder / README_NAME).write_text(README, encoding="utf-8")
        made = browser_files_of(weights, folder / "model")
        names = [*copies, *(f"model/{name}" for name in made), MODEL_INDEX]
        source = (root / PAGE / WORKER).read_text(encoding="utf-8")
        (folder / WORKER).write_text(_filled(source, folder, names), encoding="utf-8")
    except (OSError, WeightsError) as error:
        raise DeployError(f"the Live page cannot be written: {error}") from error
    return sorted([*names, README_NAME, WORKER])


def _filled(source: str, folder: Path, names: Iterable[str]) -> str:
    """The service worker's source, with what it keeps: address -> SHA-256 of the content.

    The page's address is that of its folder, since some hosts redirect `index.html` to it. The
    model's files are asked for with the content that `files.json` names.
    """
    content = json.loads((folder / MODEL_INDEX).read_text(encoding="utf-8")).get("content")
    digests = {}
    for name in sorted(names):
        address = "./" if name == HOME else name
        if name.startswith("model/") and name != MODEL_INDEX:
            address = f"{name}?{content}"
        digests[address] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    listed = json.dumps(digests, indent=1)
    version = hashlib.sha256((listed + source).encode()).hexdigest()[:12]
    before, unfilled, after = source.partition(UNFILLED)
    if not unfilled:
        raise DeployError(f"the Live page cannot be written: {WORKER} has no place for its files")
    return f'{before}const VERSION = "{version}";\nconst FILES = {listed};\n{after}'
