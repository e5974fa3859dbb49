"""The demo pushed to a hub on loopback, and started from what lies there."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file

from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.weights.folder import EMBEDDED_FOLDER
from dasl.weights.publication import push_to_hub
from space.__main__ import main
from space.deploy.files import space_files
from space.settings import ROOT
from tests.hub_stand_in import SHA, Repos, Variables, asks_hub, hub_stand_in

pytestmark = pytest.mark.long

SPACE, WEIGHTS = "user/faces", "user/weights"
START_S = 600


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Repos, Variables]]:
    variables: Variables = {}
    with hub_stand_in(variables) as (address, repos):
        asks_hub(monkeypatch, address, tmp_path / "cache")
        yield address, repos, variables


def test_a_dry_run_lists_the_files_and_asks_nobody(capsys, monkeypatch):
    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", None)  # would fail if it were called
    assert main(["deploy", SPACE, "--dry-run"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[:-1] == sorted([*space_files(ROOT), "requirements.txt"])
    assert listed[-1].endswith("nothing was uploaded")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-slash"], "USER/SPACE"),
        (["user/space", "--weights", "user/repo"], "--revision"),
    ],
)
def test_a_command_that_cannot_work_is_refused_before_anything_goes_up(arguments, words, capsys):
    assert main(["deploy", *arguments]) == 1
    assert words in capsys.readouterr().err


def test_a_hub_that_refuses_is_told_in_words(hub, monkeypatch, capsys):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert main(["deploy", SPACE]) == 1
    assert "did not take it" in capsys.readouterr().err


def test_what_is_not_needed_any_more_is_deleted_and_the_settings_are_set(hub, capsys):
    _, repos, variables = hub
    repos[f"spaces/{SPACE}"] = {"old.txt": b"old", "README.md": b"old"}
    board = ["--board", "hf://datasets/user/board", "--publish", "at-once"]
    assert main(["deploy", SPACE, "--private", *board]) == 0
    kept = repos[f"spaces/{SPACE}"]
    assert sorted(kept) == sorted([*space_files(ROOT), "requirements.txt"])
    assert re.match(rb"---\n(thumbnail: \S+\n)?title:", kept["README.md"])
    assert variables == {
        f"spaces/{SPACE}": {
            "DASL_BOARD": "hf://datasets/user/board",
            "DASL_PUBLISH": "at-once",
        }
    }
    assert SPACE in capsys.readouterr().out


@pytest.mark.skipif(
    not EMBEDDED_FOLDER.is_dir(),
    reason="dasl/assets/lite0 is missing: the weights are not embedded",
)
def test_a_space_started_from_the_hub_answers_as_the_embedded_weights_do(hub, tmp_path, astronaut):
    address, repos, variables = hub
    push_to_hub(EMBEDDED_FOLDER, WEIGHTS, token="hf_right")
    assert main(["deploy", SPACE, "--weights", WEIGHTS, "--revision", SHA]) == 0
    folder = tmp_path / "space"
    for name, content in repos[f"spaces/{SPACE}"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    with running_space(folder, variables[f"spaces/{SPACE}"], address, tmp_path) as (url, log):
        client = Client(url, verbose=False, download_files=tmp_path / "answers")
        (answer,), _ = client.predict(handle_file(str(astronaut)), api_name="/reconstruct")
    assert "embedded" not in log.read_text()  # nothing fell back
    wanted = FaceReconstructor.from_pretrained()(astronaut)[0]
    assert np.allclose(answer["landmarks"], wanted.landmarks, atol=0.011)  # rounded to 0.01
    assert answer["confidence"] == pytest.approx(wanted.confidence, abs=1e-3)


class running_space:
    """The entry of a folder in a process of its own; gives its address and its log."""

    def __init__(self, folder: Path, settings: dict[str, str], hub: str, scratch: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url, self.log = f"http://127.0.0.1:{port}/", scratch / "space.log"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DASL_", "PYTHONPATH"))}
        cache = {"HF_HOME": str(scratch / "home"), "GRADIO_TEMP_DIR": str(scratch / "files")}
        ours = {"GRADIO_SERVER_PORT": str(port), "HF_ENDPOINT": hub, "HF_HUB_DISABLE_XET": "1"}
        self._log = self.log.open("w")
        self._process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=folder,
            env=kept | settings | cache | ours,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> tuple[str, Path]:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
                return self.url, self.log
            except OSError:
                time.sleep(0.2)
        self.__exit__()
        pytest.fail(f"the Space did not start: {self.log.read_text()[-2000:]}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=120)
        self._log.close()
