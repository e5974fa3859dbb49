"""Khronos's glTF validator (npm `gltf-validator`), run on bytes; tests skip where it cannot run."""

import json
import subprocess
from typing import Any

from tests.npm_packages import installed

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
    done = subprocess.run(
        command, input=content, cwd=installed(PACKAGE), capture_output=True, check=True
    )
    return json.loads(done.stdout)


def assert_valid(content: bytes) -> None:
    """Neither errors nor warnings."""
    issues = validated(content)["issues"]
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"][:5]
