"""Packages from npm that tests use, fetched once into the user's cache folder."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest


@cache
def installed(*packages: str) -> Path:
    """A folder whose `node_modules` has the packages, each as NAME@VERSION.

    The test is skipped where node, npm or a package is missing.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: {', '.join(packages)} did not run")
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "dasl-tests" / "+".join(name.replace("/", "_") for name in packages)
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            command = ["npm", "install", "--ignore-scripts", "--no-audit", "--prefix", made]
            done = subprocess.run([*command, *packages], capture_output=True, text=True)
            if done.returncode != 0:
                reason = done.stderr.strip()[-200:]
                pytest.skip(f"npm could not fetch {', '.join(packages)}: {reason}")
            if not folder.exists():
                shutil.copytree(made, folder, symlinks=True)
    return folder
