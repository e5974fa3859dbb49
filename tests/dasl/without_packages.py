"""A program run as if packages were not installed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import importlib.util, sys
class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError("No module named '" + name + "'", name=name)
sys.meta_path.insert(0, Absent())
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name in {absent} else find_spec(name)
{program}
"""


def run_without(packages: set[str], program: str) -> subprocess.CompletedProcess[str]:
    """Run the source of a program in a process where none of the packages can be imported."""
    text = PROGRAM.format(absent=packages, program=program)
    return subprocess.run(
        [sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=False
    )
