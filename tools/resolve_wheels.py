"""Prints a Markdown table of the systems for which all dependencies have wheels.

    pip install uv
    python -m tools.resolve_wheels

It builds our two wheels and resolves them with each extra, from wheels only, for other Python
versions and systems. It uses uv's `pip compile`, since pip evaluates markers such as
`platform_machine` on the machine it runs on. The wheels are not run: they may still fail there.
"""

import argparse
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.distributions import build_distributions

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "Linux x86-64": "x86_64-manylinux_2_28",
    "Linux arm64": "aarch64-manylinux_2_28",
    "Windows x86-64": "x86_64-pc-windows-msvc",
    "macOS arm64": "aarch64-apple-darwin",
    "macOS x86-64": "x86_64-apple-darwin",
}
EXTRAS = ("", "hub", "video", "live", "usdz", "space", "torch", "train")
_BLAMED = re.compile(r"Because ([\w.-]+)(?:[<>=!~]\S*)? has no (?:wheels|usable)|only ([\w.-]+)<")


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--uv", default=shutil.which("uv"), help="path of uv; default: on PATH")
    options = parser.parse_args()
    if not options.uv:
        raise SystemExit("uv is not on PATH; pip install uv, or name it with --uv")
    with tempfile.TemporaryDirectory() as temporary:
        scorer, whole = (part.wheel for part in build_distributions(Path(temporary)))
        print("\n".join(table(options.uv, scorer, whole)))
    return 0


def table(uv: str, scorer: Path, whole: Path) -> list[str]:
    """One row per system, one column per Python: "all", or which extras lack which wheel."""
    lines = ["| system | " + " | ".join(PYTHONS) + " |", "|---" * (1 + len(PYTHONS)) + "|"]
    for system, platform in PLATFORMS.items():
        cells = []
        for python in PYTHONS:
            lacking = {
                extra or "dasl": error
                for extra in EXTRAS
                if (error := resolve(uv, scorer, whole, extra, platform, python))
            }
            cells.append(described(lacking))
        lines.append(f"| {system} | " + " | ".join(cells) + " |")
    return lines


def described(lacking: dict[str, str]) -> str:
    """Text of a cell: the packages without a wheel, each with the extras that need it."""
    if not lacking:
        return "all"
    if "dasl" in lacking:
        return f"no: {lacking['dasl']}"
    wanted: dict[str, list[str]] = {}
    for extra, package in lacking.items():
        wanted.setdefault(package, []).append(f"[{extra}]")
    return "all but " + ", ".join(
        f"{' '.join(extras)} ({package})" for package, extras in wanted.items()
    )


def resolve(uv: str, scorer: Path, whole: Path, extra: str, platform: str, python: str) -> str:
    """The package that lacks a wheel; "" if everything resolves."""
    wanted = f"dasl[{extra}] @ {whole.as_uri()}\ndasl-eval @ {scorer.as_uri()}\n"
    words: Sequence[str] = (uv, "pip", "compile", "--quiet", "--only-binary", ":all:", "-")
    words = (*words, "--python-platform", platform, "--python-version", python)
    done = subprocess.run(words, input=wanted, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else blamed(done.stderr)


def blamed(message: str) -> str:
    """The package that uv's message names first, or the message."""
    words = " ".join(message.split())
    found = _BLAMED.search(words)
    return next(name for name in found.groups() if name) if found else words


if __name__ == "__main__":
    raise SystemExit(main())
