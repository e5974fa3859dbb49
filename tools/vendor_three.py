"""Bundles the part of three.js that the demo's viewer uses, from npm, into `space/vendor/three`.

    python -m tools.vendor_three            writes the bundle, its licence and SOURCE.json
    python -m tools.vendor_three --check    checks that the committed files are up to date

Needs npm and node. Both packages are pinned by the sha512 that npm publishes; esbuild, as
WebAssembly, gives the same bytes on every machine.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "space" / "vendor" / "three"
BUNDLE = "three.bundle.js"
PACKAGES = {
    "three@0.187.0": (
        "Qiu7R+Cmh8CstZsY1uJOSWnVlfo7ZtNLV7mF8Jltk3LB3AtDu9cRZlcnRKkAk8Y4z6KKw35z7Y7Urd7jWY8etA=="
    ),
    "esbuild-wasm@0.28.2": (
        "GccVwhv3mmOUVQHCQm2Ox/rby8n/EqUwvZxE6Pjfikrq/lWw9g9WX/u9EykWnpot3Ko6j426DgQdea2xWKIAQA=="
    ),
}
"""Name and version -> sha512 of the package, base64, as npm's `dist.integrity` has it."""

ENTRY = """
export {
  AnimationMixer, Box3, BufferAttribute, DirectionalLight, DoubleSide, Group, HemisphereLight,
  Mesh, MeshBasicMaterial, MeshNormalMaterial, MeshStandardMaterial, PCFShadowMap,
  PerspectiveCamera, Scene, Spherical, Vector3, WebGLRenderer,
} from "three";
export { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
export { OrbitControls } from "three/addons/controls/OrbitControls.js";
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    wants_check = parser.parse_args().check
    made = built_files()
    if wants_check:
        stale = [name for name, content in made.items() if committed(name) != content]
        print(f"differ from npm: {', '.join(stale)}" if stale else "all files are npm's")
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (FOLDER / name).write_bytes(content)
        print(f"{FOLDER.name}/{name}  {len(content):,} bytes")
    return 0


def built_files() -> dict[str, bytes]:
    """Name -> content of every file of the vendored folder."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for package, digest in PACKAGES.items():
            unpack(package, digest, folder)
        (folder / "entry.js").write_text(ENTRY)
        esbuild = [
            "node",
            "node_modules/esbuild-wasm/bin/esbuild",
            "entry.js",
            "--bundle",
            "--minify",
            "--format=esm",
            "--target=es2022",
            "--legal-comments=inline",
            f"--outfile={BUNDLE}",
        ]
        subprocess.run([*esbuild, "--log-level=warning"], cwd=folder, check=True)
        bundle = (folder / BUNDLE).read_bytes()
        licence = (folder / "node_modules" / "three" / "LICENSE").read_bytes()
    source = {
        "packages": {package: f"sha512-{digest}" for package, digest in PACKAGES.items()},
        "sha256": {BUNDLE: hashlib.sha256(bundle).hexdigest()},
        "made_by": "python -m tools.vendor_three",
    }
    return {
        BUNDLE: bundle,
        "LICENSE.md": licence,  # with a suffix, so that it goes wherever data files go
        "SOURCE.json": (json.dumps(source, indent=2) + "\n").encode(),
    }


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


def committed(name: str) -> bytes:
    path = FOLDER / name
    return path.read_bytes() if path.exists() else b""


if __name__ == "__main__":
    sys.exit(main())
