"""Measures an installation of `dasl` with pip: the size of each package, and cold runs on a photo.

    python -m tools.measure_install                      builds, installs, runs; about a minute
    python -m tools.measure_install --keep FOLDER        keeps the environment; measures it again if
                                                         it is there
    python -m tools.measure_install --photo photo.jpg

Sizes count the files of each distribution, compiled modules (.pyc) included, in MB of 10^6 bytes.
pip and setuptools, which venv installs, are not counted. On Linux the runs have no network where
`unshare` works; elsewhere only the hub's offline mode is set. Times are medians over whole
processes, without the first run, which reads the files from disk. Memory is the largest resident
size of any run.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.distributions import ROOT, build_distributions, clean_environment

PHOTO = ROOT / "space/examples/astronaut.jpg"
OWN = ("pip", "setuptools", "wheel")
"""What venv installs."""
SMALL_MB = 1.0
"""Packages below it share one row."""
SIZES = """
import importlib.metadata, json
print(json.dumps({
    found.name: sum(
        path.stat().st_size for path in map(found.locate_file, found.files or ()) if path.is_file()
    )
    for found in importlib.metadata.distributions()
}))
"""
WATCHED = """
import json, os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, bytes
print(json.dumps([
    os.waitstatus_to_exitcode(status),
    time.perf_counter() - began,
    usage.ru_utime + usage.ru_stime,
    usage.ru_maxrss * unit / 1e6,
]))
"""
"""Runs the command from a small process, since Linux counts a parent's memory as the child's."""
NO_NETWORK = ("unshare", "--net", "--map-root-user")


@dataclass(frozen=True)
class Run:
    """One process, from start to end."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--photo", type=Path, default=PHOTO)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or Path(temporary)).resolve()
        python = folder / "environment/bin/python"
        if not python.is_file():
            built = build_distributions(folder)
            print(f"wheels: {', '.join(f'{_mb(part.wheel):.1f} MB' for part in built)}")
            wheels = [str(part.wheel) for part in built]
            python = clean_environment(folder / "environment", *wheels)
        print(size_table(package_sizes(python)))
        words = [str(python.parent / "dasl"), "reconstruct", str(options.photo)]
        words = [*without_network(), *words, "--output", str(folder / "heads")]
        for name, more in (("cold run to GLB", ()), ("the same with hair", ("--hair",))):
            runs = [measured([*words, *more]) for _ in range(options.runs + 1)]
            print(f"{name}: {summary(runs)}")
    return 0


def summary(runs: Sequence[Run]) -> str:
    """Medians without the first run, and the largest memory of all."""
    return (
        f"{statistics.median(run.wall_s for run in runs[1:]):.2f} s wall, "
        f"{statistics.median(run.cpu_s for run in runs[1:]):.2f} s CPU; "
        f"peak memory {max(run.peak_mb for run in runs):.0f} MB"
    )


def package_sizes(python: Path) -> dict[str, int]:
    """Bytes of each distribution of an environment."""
    done = subprocess.run(
        [str(python), "-I", "-c", SIZES], capture_output=True, text=True, check=True
    )
    sizes: dict[str, int] = json.loads(done.stdout)
    return sizes


def size_table(sizes: Mapping[str, int]) -> str:
    """Sizes in Markdown, largest first, without the packages of venv itself."""
    in_mb = {name: size / 1e6 for name, size in sizes.items() if name not in OWN}
    large = {name: size for name, size in in_mb.items() if size >= SMALL_MB}
    rest = sum(in_mb.values()) - sum(large.values())
    rows = sorted(large.items(), key=lambda item: -item[1])
    lines = ["| package | MB |", "|---|---|", *(f"| {name} | {size:.1f} |" for name, size in rows)]
    lines.append(f"| {len(in_mb) - len(large)} others | {rest:.1f} |")
    lines.append(f"| **together** | **{sum(in_mb.values()):.0f}** |")
    return "\n".join(lines)


def without_network() -> Sequence[str]:
    """Command prefix that disables the network; empty where that is impossible."""
    if shutil.which(NO_NETWORK[0]):
        tried = subprocess.run([*NO_NETWORK, "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return NO_NETWORK
    return ()


def measured(words: Sequence[str]) -> Run:
    """Run a command and measure it.

    Raises:
        SystemExit: the command fails.
    """
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    environment.pop("PYTHONPATH", None)  # the installed package, not this tree
    done = subprocess.run(
        [sys.executable, "-I", "-c", WATCHED, *words],
        cwd=tempfile.gettempdir(),
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    status, wall_s, cpu_s, peak_mb = json.loads(done.stdout)
    if status != 0:
        raise SystemExit(f"{' '.join(words)}: exit status {status}")
    return Run(wall_s, cpu_s, peak_mb)


def _mb(path: Path) -> float:
    return path.stat().st_size / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
