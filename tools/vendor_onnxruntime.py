"""Takes the CPU part of ONNX Runtime Web from npm into `space/vendor/onnxruntime`.

    python -m tools.vendor_onnxruntime            writes module, WebAssembly, licences, SOURCE.json
    python -m tools.vendor_onnxruntime --check    tells whether the committed files are npm's

Wants npm. The WebAssembly, 14 MB, is kept compressed; the page unpacks it. The files for WebGPU are
left out: they are 26 MB, and the tracker's networks are small.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import onnxruntime

from tools.npm_files import unpack, write_or_check

FOLDER = Path(__file__).resolve().parents[1] / "space" / "vendor" / "onnxruntime"
PACKAGE = "onnxruntime-web@1.30.0"
DIGEST = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
"""sha512 of the package, base64, as npm's `dist.integrity` has it."""
MODULE, WASM, SOURCE = "ort.bundle.js", "ort.wasm.gz", "SOURCE.json"
LICENCE, NOTICES = "LICENSE.md", "ThirdPartyNotices.txt.gz"
TAKEN = {
    MODULE: "dist/ort.wasm.bundle.min.mjs",
    WASM: "dist/ort-wasm-simd-threaded.wasm",
}


def main() -> int:
    return write_or_check(__doc__, FOLDER, taken_files)


def taken_files() -> dict[str, bytes]:
    """Name in the vendored folder -> content, uncompressed."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        unpack(PACKAGE, DIGEST, folder)
        package = folder / "node_modules" / PACKAGE.partition("@")[0]
        made = {name: (package / path).read_bytes() for name, path in TAKEN.items()}
        described = json.loads((package / "package.json").read_bytes())
    source = {
        "packages": {PACKAGE: f"sha512-{DIGEST}"},
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in made.items()},
        "made_by": "python -m tools.vendor_onnxruntime",
    }
    if described["license"] != "MIT":
        sys.exit(f"the package is now under {described['license']}; look at it")
    # The npm package carries no licence text; the wheel that we depend on has the same project's.
    wheel = Path(onnxruntime.__file__).parent
    return {
        **made,
        LICENCE: (wheel / "LICENSE").read_bytes(),
        NOTICES: (wheel / "ThirdPartyNotices.txt").read_bytes(),
        SOURCE: (json.dumps(source, indent=2) + "\n").encode(),
    }


if __name__ == "__main__":
    sys.exit(main())
