"""The hub in a stand-in on loopback: what comes, what breaks off, what makes no request.

The client reads its address at import, so each conversation is a process of its own.
"""

import hashlib
from pathlib import Path

import pytest

from tests.hub_stand_in import SHA, hub_stand_in
from tests.hub_visitor import run_against_hub

CONFIG, TENSORS, GRAPH = "config.json", "model.safetensors", "graph.onnx"
FILES = {CONFIG: b"{}", TENSORS: bytes(range(256)) * 4096, GRAPH: b"graph"}
HASHES = " ".join(hashlib.sha1(FILES[name]).hexdigest() for name in sorted(FILES))
_FETCH = """
import hashlib, sys
from dasl.errors import WeightsError
from dasl.weights.hub import fetch
for source, revision in (word.split("@") for word in sys.argv[1:]):
    try:
        needed = ("config.json", "model.safetensors")
        folder = fetch(source, revision or None, (*needed, "graph.onnx"), needed)
        files = sorted(folder.iterdir())
        print(*(hashlib.sha1(file.read_bytes()).hexdigest() for file in files))
    except WeightsError as error:
        print("WeightsError:", error)
"""


def test_weights_in_the_cache_make_no_request(tmp_path: Path) -> None:
    asked: list[str] = []
    with hub_stand_in(asked=asked) as (address, repos):
        repos["user/repo"] = dict(FILES)
        first = run_against_hub(address, tmp_path, _FETCH, f"user/repo@{SHA}", "user/repo@")
        assert first == [HASHES] * 2
        assert asked
        asked.clear()
        assert run_against_hub(address, tmp_path, _FETCH, f"user/repo@{SHA}") == [HASHES]
        # A branch may have moved, unless the client is told that there is no connection.
        offline = run_against_hub(
            address, tmp_path, _FETCH, f"user/repo@{SHA}", "user/repo@", HF_HUB_OFFLINE="1"
        )
        assert offline == [HASHES] * 2
        assert not asked


def test_a_download_that_breaks_off_is_taken_up_again(tmp_path: Path) -> None:
    cuts = {TENSORS: len(FILES[TENSORS]) // 2}
    with hub_stand_in(cuts=cuts) as (address, repos):
        repos["user/repo"] = dict(FILES)
        first = run_against_hub(address, tmp_path, _FETCH, f"user/repo@{SHA}")
        assert not cuts  # it did break off
        again = run_against_hub(address, tmp_path, _FETCH, f"user/repo@{SHA}")
    # Whether the client takes it up by itself or the user calls again, no half file is loaded.
    assert first == [HASHES] or first[0].startswith("WeightsError: user/repo at revision")
    assert again == [HASHES]


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with hub_stand_in() as (address, repos):
        repos["user/half"] = {CONFIG: FILES[CONFIG]}
        repos["user/other"] = {"README.md": b"# other"}
        half, other = run_against_hub(address, tmp_path, _FETCH, f"user/half@{SHA}", "user/other@")
    assert half.startswith(f"WeightsError: user/half at revision {SHA} has no {TENSORS}: it is")
    assert other.startswith(f"WeightsError: user/other has no {CONFIG}, {TENSORS}: it is")


@pytest.mark.parametrize("proxy", ["http://me:pa#ss@proxy:80", "ftp://proxy:21", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_told(proxy: str, tmp_path: Path) -> None:
    told = run_against_hub("http://hub", tmp_path, _FETCH, "user/repo@", http_proxy=proxy)
    assert len(told) == 1 and told[0].startswith("WeightsError: user/repo: there is no folder")
