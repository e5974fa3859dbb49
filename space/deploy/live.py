"""Writes the Live page as static files, for any web server such as `python -m http.server`."""

import argparse
import shutil
from pathlib import Path

from dasl.errors import WeightsError
from dasl.video.browser.files import browser_files_of
from space.deploy.files import DeployError
from space.settings import ROOT

EXAMPLES = """examples:
  python -m space live site && python -m http.server --directory site 8000
  python -m space deploy user/live --live                # the same as a static Space
"""
WEB, VENDOR, PAGE = "space/web", "space/vendor", "space/web/live"
AT_ROOT = ("index.html", "sw.js")
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
    copies = {name: root / PAGE / name for name in AT_ROOT}
    copies |= {f"{name}.txt": root / name for name in LICENCES}
    for place in (WEB, VENDOR):
        for path in (root / place).rglob("*"):
            if path.is_file() and path.suffix in SUFFIXES:
                copies[path.relative_to(root / "space").as_posix()] = path
    try:
        for name, path in copies.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)
        (folder / "README.md").write_text(README, encoding="utf-8")
        made = browser_files_of(weights, folder / "model")
    except (OSError, WeightsError) as error:
        raise DeployError(f"the Live page cannot be written: {error}") from error
    return sorted([*copies, "README.md", *(f"model/{name}" for name in made), "model/files.json"])
