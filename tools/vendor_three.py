"""Bundles the part of three.js that the demo's viewer uses, from npm, into `space/vendor/three`.

    python -m tools.vendor_three            writes the bundle, its licence and SOURCE.json
    python -m tools.vendor_three --check    checks that the committed files are up to date

Needs npm and node. Both packages are pinned by the sha512 that npm publishes; esbuild, as
WebAssembly, gives the same bytes on every machine.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.npm_files import unpack, write_or_check

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
  AnimationMixer, Box3, DirectionalLight, DoubleSide, FrontSide, Group, HemisphereLight, Mesh,
  MeshBasicMaterial, MeshNormalMaterial, MeshStandardMaterial, PCFShadowMap, PerspectiveCamera,
  Scene, Spherical, Vector3, WebGLRenderer,
} from "three";
export { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
export { OrbitControls } from "three/addons/controls/OrbitControls.js";
"""


def main() -> int:
    return write_or_check(__doc__, FOLDER, built_files)


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


if __name__ == "__main__":
    sys.exit(main())
