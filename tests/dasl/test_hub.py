"""The hub in a stand-in on loopback: what comes, what breaks off, what makes no request.

The client reads its address at import, so each conversation is a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dasl.network import CoefficientNetwork, NetworkConfig
from dasl.weights import CONFIG_FILE, GRAPH_FILE, TENSOR_FILE, save_weights
from tests.hub_stand_in import SHA, hub_stand_in

ROOT = Path(__file__).parents[2]
_LOAD = """
import sys
from dasl.errors import WeightsError
from dasl.weights import load_weights
for source, revision in (word.split("@") for word in sys.argv[1:]):
    try:
        network, config = load_weights(source, revision or None)
        print("loaded", config["epochs"])
    except WeightsError as error:
        print("WeightsError:", error)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A weights folder, as bytes."""
    folder = tmp_path_factory.mktemp("weights")
    save_weights(folder, CoefficientNetwork(NetworkConfig(3, 2)), {"epochs": 3}, graph=b"graph")
    return {name: (folder / name).read_bytes() for name in (CONFIG_FILE, TENSOR_FILE, GRAPH_FILE)}


def _load(address: str, home: Path, *words: str, **variables: str) -> list[str]:
    environment = {
        **os.environ,
        "HF_ENDPOINT": address,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": str(ROOT),
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_weights_in_the_cache_make_no_request(files: dict[str, bytes], tmp_path: Path) -> None:
    asked: list[str] = []
    with hub_stand_in(asked=asked) as (address, repos):
        repos["user/repo"] = dict(files)
        first = _load(address, tmp_path, f"user/repo@{SHA}", "user/repo@")
        assert first == ["loaded 3"] * 2
        assert asked
        asked.clear()
        assert _load(address, tmp_path, f"user/repo@{SHA}") == ["loaded 3"]
        # A branch may have moved, unless the client is told that there is no connection.
        offline = _load(address, tmp_path, f"user/repo@{SHA}", "user/repo@", HF_HUB_OFFLINE="1")
        assert offline == ["loaded 3"] * 2
        assert not asked


def test_a_download_that_breaks_off_is_taken_up_again(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    cuts = {TENSOR_FILE: len(files[TENSOR_FILE]) // 2}
    with hub_stand_in(cuts=cuts) as (address, repos):
        repos["user/repo"] = dict(files)
        first = _load(address, tmp_path, f"user/repo@{SHA}")
        assert not cuts  # it did break off
        again = _load(address, tmp_path, f"user/repo@{SHA}")
    # Whether the client takes it up by itself or the user calls again, no half file is loaded.
    assert first == ["loaded 3"] or first[0].startswith("WeightsError: user/repo at revision")
    assert again == ["loaded 3"]


def test_a_file_that_is_missing_is_named(files: dict[str, bytes], tmp_path: Path) -> None:
    with hub_stand_in() as (address, repos):
        repos["user/half"] = {CONFIG_FILE: files[CONFIG_FILE]}
        repos["user/other"] = {"README.md": b"# other"}
        half, other = _load(address, tmp_path, f"user/half@{SHA}", "user/other@")
    assert half.startswith(f"WeightsError: user/half at revision {SHA} has no {TENSOR_FILE}: it is")
    assert other.startswith(f"WeightsError: user/other has no {CONFIG_FILE}, {TENSOR_FILE}: it is")
