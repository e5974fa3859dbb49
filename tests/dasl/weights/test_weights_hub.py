"""The hub client reads its address at import, so each conversation is a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dasl.errors import WeightsError
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.weights.folder import (
    CARD_FILE,
    CONFIG_FILE,
    TENSOR_FILE,
    load_weights,
    save_weights,
)
from dasl.weights.publication import push_to_hub
from tests.hub_stand_in import SHA, Repos, hub_stand_in

ROOT = Path(__file__).parents[3]

_TELL_ERRORS = """
import sys
from pathlib import Path
from dasl.errors import WeightsError
from dasl.weights.publication import push_to_hub
from dasl.weights.folder import load_weights, save_weights
status = 0
for line in sys.argv[1:]:
    try:
        exec(line)
    except WeightsError as error:
        print("WeightsError:", error)
        status = 1
sys.exit(status)
"""


@pytest.fixture
def hub() -> Iterator[tuple[str, Repos]]:
    with hub_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    save_weights(folder, CoefficientNetwork(NetworkConfig(3, 2)), {"epochs": 3}, card="# card\n")
    (folder / "photo.jpg").write_bytes(b"not ours to publish")
    return folder


def _run(address: str, folder: Path, *lines: str, token: str = "hf_right") -> tuple[int, str]:
    """Each line of Python on its own, one after the other: exit status and what was printed."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": address,
        "HF_TOKEN": token,
        "HF_HOME": str(folder.parent / "hub"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", _TELL_ERRORS, *lines],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,  # a hang, not slowness
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_pushed_weights_come_back_from_the_hub(hub: tuple[str, Repos], folder: Path) -> None:
    address, repos = hub
    again = folder.parent / "again"
    line = (
        f'print(push_to_hub(Path("."), "user/repo")); '
        f'network, config = load_weights("user/repo", revision="{SHA}"); '
        f'save_weights(Path("{again}"), network, config)'
    )
    status, output = _run(address, folder, line)
    assert status == 0, output
    assert f"/user/repo/commit/{SHA}" in output
    assert sorted(repos["user/repo"]) == sorted([CARD_FILE, CONFIG_FILE, TENSOR_FILE])
    assert (again / TENSOR_FILE).read_bytes() == (folder / TENSOR_FILE).read_bytes()
    assert load_weights(again)[1] == {"epochs": 3}


def test_a_refused_upload_says_what_to_check(hub: tuple[str, Repos], folder: Path) -> None:
    status, output = _run(hub[0], folder, 'push_to_hub(Path("."), "user/repo")', token="hf_wrong")
    assert status == 1
    assert output.startswith("WeightsError: user/repo: the hub did not take the weights")
    assert "HF_TOKEN" in output


def test_a_broken_folder_is_not_uploaded(folder: Path) -> None:
    (folder / TENSOR_FILE).write_bytes(b"")
    with pytest.raises(WeightsError, match="not a whole safetensors file"):
        push_to_hub(folder, "user/repo")  # fails before it talks to any hub


def test_what_the_hub_lacks_is_named(hub: tuple[str, Repos], folder: Path) -> None:
    address, repos = hub
    repos["user/empty"] = {"other.txt": b"x"}
    sources = ('"user/nowhere"', '"user/empty", "v9"', '"user/empty"')
    status, output = _run(address, folder, *(f"load_weights({source})" for source in sources))
    assert status == 1
    assert output.count("WeightsError: ") == 3
    assert "user/nowhere: there is no folder of that name" in output
    assert "user/empty at revision v9: there is no folder" in output
    assert f"user/empty has no {CONFIG_FILE}, {TENSOR_FILE}" in output


def test_no_connection_is_an_error_in_words(folder: Path) -> None:
    lines = ('load_weights("user/repo")', 'push_to_hub(Path("."), "user/repo")')
    status, output = _run("http://127.0.0.1:9", folder, *lines)
    assert status == 1
    loading, pushing = output.split("WeightsError: ")[1:]
    assert loading.startswith("user/repo: there is no folder")
    assert "check the name, the revision and the connection" in loading
    assert pushing.startswith("user/repo: the hub did not take the weights")
