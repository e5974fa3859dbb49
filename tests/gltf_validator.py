"""Khronos's glTF validator (npm `gltf-validator`), run on bytes; tests skip where it cannot run.

It is fetched once by npm into the user's cache folder.
"""

import json
import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "gltf-validator@2.0.0-dev.3.10"
_SCRIPT = """
const validator = require('gltf-validator');
const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk));
process.stdin.on('end', () => validator
  .validateBytes(new Uint8Array(Buffer.concat(chunks)), {maxIssues: 0})
  .then((report) => console.log(JSON.stringify(report))));
"""


def validated(content: bytes) -> dict[str, Any]:
    """The validator's report on a GLB; the test is skipped where node or the package is missing."""
    command = ["node", "-e", _SCRIPT]
    done = subprocess.run(command, input=content, cwd=_folder(), capture_output=True, check=True)
    return json.loads(done.stdout)


def assert_valid(content: bytes) -> None:
    """Neither errors nor warnings."""
    issues = validated(content)["issues"]
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"][:5]


@lru_cache(maxsize=1)
def _folder() -> Path:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: the glTF validator did not run")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "dasl-tests" / PACKAGE
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            command = [
                "npm",
                "install",
                "--ignore-scripts",
                "--no-audit",
                "--prefix",
                made,
                PACKAGE,
            ]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                pytest.skip(f"npm could not fetch {PACKAGE}: {done.stderr.strip()[-200:]}")
            if not folder.exists():
                shutil.copytree(made, folder)
    return folder
