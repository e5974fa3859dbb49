"""The release checklist of the two packages: checks what can be checked, publishes nothing.

    python -m tools.release_package 0.2.0 --output dist

1. Version: `dasl.__version__`, dasl-eval, the pins between both and CHANGELOG.md say the same.
2. The working tree has no changes.
3. Sdists and wheels build, each wheel from its sdist; sizes are below the limit.
4. `twine check --strict` accepts their texts.
5. A clean environment with only the wheels turns a photo into a head, without network, and its
   `--version` is the new one; the notebook's cells run in it.

Then it prints the commands that publish and the tag's message, from CHANGELOG.md. Weights are
released by tools/release.sh before.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import dasl
from tools.distributions import ROOT, Distribution, build_distributions, clean_environment
from tools.measure_install import PHOTO, measured, without_network

LARGEST_WHEEL_MB = 30
NOTEBOOK = ROOT / "notebooks" / "one_photo.ipynb"
RUN_NOTEBOOK = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
resources = {"metadata": {"path": sys.argv[2]}}
nbclient.NotebookClient(notebook, timeout=600, resources=resources).execute()
"""


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("version")
    parser.add_argument("--output", type=Path, required=True, help="an empty or new folder")
    parser.add_argument(
        "--rehearse",
        action="store_true",
        help="go on with changes that are not committed, or still under `## Unreleased`",
    )
    options = parser.parse_args()
    message = checked_versions(ROOT, options.version, rehearse=options.rehearse)
    if not options.rehearse:
        check_tree(ROOT)
    output = options.output.resolve()
    if output.exists() and any(output.iterdir()):
        raise SystemExit(f"{output} is not empty; name a new folder")
    built = build_distributions(output)
    check_sizes(built)
    files = [str(path) for part in built for path in (part.sdist, part.wheel)]
    twine = str(clean_environment(output / "twine", "twine"))
    _run([twine, "-m", "twine", "check", "--strict", *files])
    check_installed(built, output, options.version)
    print(f"\nAll checks passed. To publish:\n\n  twine upload {' '.join(files)}")
    print(f"  git tag --annotate v{options.version} --file - <<'END'\n{message}\nEND")
    print(f"  git push origin v{options.version}")
    return 0


def checked_versions(root: Path, version: str, *, rehearse: bool = False) -> str:
    """The changes of a version.

    Raises:
        SystemExit: a place has another version, or the changelog has no entry.
    """
    wrong = [f"{place}: {found}" for place, found in versions(root).items() if found != version]
    if wrong:
        raise SystemExit(f"the version is not {version} everywhere\n  " + "\n  ".join(wrong))
    entries = changelog(root)
    if not entries.get(version):
        raise SystemExit(f"CHANGELOG.md has no changes under `## {version}`")
    if entries.get("Unreleased") and not rehearse:
        raise SystemExit(f"CHANGELOG.md: move what is under `## Unreleased` to `## {version}`")
    return f"dasl {version}\n\n{entries[version]}"


def versions(root: Path) -> dict[str, str]:
    """Each place that states the version, and what it states."""
    whole, scorer = (
        tomllib.loads((root / name).read_text(encoding="utf-8"))["project"]
        for name in ("pyproject.toml", "dasl-eval/pyproject.toml")
    )
    found = {"dasl.__version__": dasl.__version__, "dasl-eval/pyproject.toml": scorer["version"]}
    groups = {"dependencies": whole["dependencies"], **whole["optional-dependencies"]}
    for group, lines in groups.items():
        for line in lines:
            if pin := re.fullmatch(r"dasl-eval(?:\[[\w,]+\])?==(\S+)", line):
                found[f"pyproject.toml, {group}"] = pin[1]
    return found


def changelog(root: Path) -> dict[str, str]:
    """The text of each version of CHANGELOG.md."""
    _, *parts = re.split(r"^## ", (root / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.M)
    pairs = (part.partition("\n") for part in parts)
    return {title.strip(): text.strip() for title, _, text in pairs}


def check_tree(root: Path) -> None:
    """Raise `SystemExit` if there are changes that are not committed."""
    words = ["git", "-C", str(root), "status", "--porcelain"]
    changes = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if changes:
        raise SystemExit(f"commit these first:\n{changes}")


def check_sizes(built: tuple[Distribution, ...]) -> None:
    """Print each file's size; raise `SystemExit` for a wheel that is too large."""
    for part in built:
        for path in (part.sdist, part.wheel):
            print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
        if part.wheel.stat().st_size > LARGEST_WHEEL_MB * 1e6:
            raise SystemExit(f"{part.wheel.name} has more than {LARGEST_WHEEL_MB} MB")


def check_installed(built: tuple[Distribution, ...], output: Path, version: str) -> None:
    """Run the installed package on a photo, then the notebook."""
    wheels = [str(part.wheel) for part in built]
    python = clean_environment(output / "environment", *wheels)
    command = str(python.parent / "dasl")
    told = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    if told.strip() != f"dasl {version}":
        raise SystemExit(f"the installed command says {told.strip()!r}")
    heads = output / "heads"
    words = [*without_network(), command, "reconstruct", str(PHOTO), "--output", str(heads)]
    run = measured(words)
    print(f"{next(heads.glob('*.glb')).name}: {run.wall_s:.1f} s, {run.peak_mb:.0f} MB of memory")
    _run([str(python), "-m", "pip", "install", "--quiet", "nbclient", "ipykernel"])
    _run([str(python), "-c", RUN_NOTEBOOK, str(NOTEBOOK), str(output)], PIP_NO_INDEX="1")
    print(f"{NOTEBOOK.name}: all cells ran")


def _run(words: list[str], **environment: str) -> None:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(words, env=clean | environment, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: exit status {done.returncode}")


if __name__ == "__main__":
    sys.exit(main())
