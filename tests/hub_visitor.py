"""Programs that talk to a hub: its client reads the address at import, so each is a process."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run_against_hub(
    address: str, home: Path, program: str, *words: str, **variables: str
) -> list[str]:
    """Run a Python program and give the lines it printed; it must not fail.

    Args:
        address: of the hub.
        home: the client's cache.
        program: source, may import this project.
        words: its arguments.
        variables: more of its environment.
    """
    environment = {
        **os.environ,
        "HF_ENDPOINT": address,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": str(ROOT),
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,  # a hang, not slowness
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
