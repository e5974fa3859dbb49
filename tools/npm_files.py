"""Files from npm that are committed under `space/vendor`: fetched, checked, written or compared."""

import argparse
import base64
import gzip
import hashlib
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path


def write_or_check(description: str, folder: Path, make: Callable[[], dict[str, bytes]]) -> int:
    """Command line of a tool that vendors files; returns the exit status.

    Args:
        description: of the tool.
        folder: where the files are committed.
        make: gives name -> content; a name that ends with .gz is stored compressed.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    wants_check = parser.parse_args().check
    made = make()
    if wants_check:
        stale = [name for name, content in made.items() if plain(folder / name) != content]
        print(f"differ from npm: {', '.join(stale)}" if stale else "all files are npm's")
        return 1 if stale else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        stored = gzip.compress(content, 9, mtime=0) if name.endswith(".gz") else content
        (folder / name).write_bytes(stored)
        print(f"{folder.name}/{name}  {len(stored):,} bytes")
    return 0


def plain(path: Path) -> bytes:
    """A file's content, uncompressed; empty where there is none."""
    content = path.read_bytes() if path.exists() else b""
    return gzip.decompress(content) if path.suffix == ".gz" and content else content


def unpack(package: str, digest: str, folder: Path) -> None:
    """Fetch one package, check its digest, and unpack it to node's module folder."""
    fetch = ["npm", "pack", package, "--silent"]
    named = subprocess.run(fetch, cwd=folder, check=True, capture_output=True, text=True)
    path = folder / named.stdout.split()[-1]
    got = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if got != digest:
        sys.exit(f"{package} has sha512 {got}, wanted {digest}; look at what npm sent")
    with tarfile.open(path) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    modules = folder / "node_modules"
    modules.mkdir(exist_ok=True)
    (folder / "unpacked" / "package").rename(modules / package.partition("@")[0])
