"""Builds the two distributions, `dasl-eval` and `dasl`, and an environment that has only them."""

import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHOLE_FILES = ("dasl", "space", "pyproject.toml", "setup.py", "README.md", "NOTICE")
SDIST = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
WHEEL = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


@dataclass(frozen=True)
class Distribution:
    """The files that pip installs or builds from."""

    sdist: Path
    wheel: Path


def build_distributions(folder: Path) -> tuple[Distribution, Distribution]:
    """Build `dasl-eval` and `dasl` with this interpreter's setuptools.

    Each wheel is built from its unpacked sdist, so a file missing from the sdist is noticed. The
    working tree is not changed.

    Args:
        folder: for the files; created if missing.

    Raises:
        SystemExit: a build fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trees = folder / "trees"
    scorer, whole = trees / "scorer", trees / "whole"
    _copy(ROOT / "dasl-eval", scorer)
    _copy(ROOT / "eval", scorer / "eval")
    for path in (*(ROOT / name for name in WHOLE_FILES), *ROOT.glob("LICENSE*")):
        _copy(path, whole / path.name)
    built = _built(scorer, folder), _built(whole, folder)
    shutil.rmtree(trees)
    return built


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
        shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _built(tree: Path, folder: Path) -> Distribution:
    sdist = _newest(tree, SDIST, folder, "*.tar.gz")
    unpacked = tree.parent / f"{tree.name}_unpacked"
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    (inner,) = unpacked.iterdir()
    return Distribution(sdist, _newest(inner, WHEEL, folder, "*.whl"))


def _newest(tree: Path, program: str, folder: Path, pattern: str) -> Path:
    """Run a build; returns the file that it adds to a folder."""
    before = set(folder.glob(pattern))
    words = [sys.executable, "-c", program, str(folder.resolve())]
    done = subprocess.run(words, cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{tree.name}: the build failed\n{done.stderr}")
    (made,) = set(folder.glob(pattern)) - before
    return made


def clean_environment(folder: Path, *requirements: str) -> Path:
    """Create a virtual environment from pip's configured index; returns its interpreter.

    Raises:
        SystemExit: pip cannot install the requirements.
    """
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    words = [str(python), "-m", "pip", "install", "--quiet", *requirements]
    done = subprocess.run(words, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"pip install {' '.join(requirements)} failed\n{done.stderr}")
    return python
