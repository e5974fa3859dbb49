"""Programs that call a running demo: those of space/README.md, and those that mean no good."""

import json
import shutil
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError, ValidationError

from eval.leaderboard.files import load_records
from space.page import build_demo, launch_options
from space.reconstruct.service import ReconstructionService
from space.settings import RECORDS_FOLDER, BoardSettings
from space.submit.tasks import TASKS
from tests.documents import blocks
from tests.eval.conftest import invented_root, invented_submission
from tests.space.stand_in import StandInReconstructor

TASK = TASKS[0].label
__all__ = ["invented_root", "invented_submission"]  # fixtures


@pytest.fixture
def url(invented_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "files"))
    service = ReconstructionService(lambda: StandInReconstructor())
    boards = BoardSettings(data_root=invented_root, place=str(tmp_path / "board"))
    demo = build_demo(service, RECORDS_FOLDER, boards)
    _, address, _ = demo.launch(prevent_thread_lock=True, quiet=True, **launch_options())
    yield address
    demo.close()


def _best_percent() -> float:
    """The error of the best record that answers every face: the board's first row."""
    records = [r for r in load_records(RECORDS_FOLDER) if r.protocol == "aflw2000-3d"]
    whole = [r for r in records if r.expected == r.scored == 2000]
    return 100 * min(r.scores[0].mean_of_bins or 1.0 for r in whole)


def test_the_programs_that_call_the_demo_run(
    url: str,
    astronaut: Path,
    invented_submission: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    (program,) = blocks("space/README.md", "python")
    shutil.copy(astronaut, tmp_path / "photo.jpg")
    if invented_submission != tmp_path / "mine.npz":
        shutil.copy(invented_submission, tmp_path / "mine.npz")
    monkeypatch.chdir(tmp_path)
    exec(compile(program.replace("http://127.0.0.1:7860", url), "space/README.md", "exec"), {})
    pose, first, score = capsys.readouterr().out.strip().splitlines()[-3:]
    assert pose.split()[1] == "0.5" and pose.endswith("face1.glb")
    assert float(first.split()[-1]) == pytest.approx(_best_percent(), abs=1e-4)
    assert float(score) == pytest.approx(0.0, abs=1e-6)


def test_a_file_of_the_server_cannot_be_smuggled_in_as_a_submission(url: str, invented_root: Path):
    # by hand: the client would upload the file first
    file = invented_root / "mine.npz"
    shutil.copy(invented_root / "aflw2000_3d" / "pts68.npy", file)
    smuggled = {"path": str(file), "meta": {"_type": "gradio.FileData"}}
    body = json.dumps({"data": [smuggled, TASK, "mine"]}).encode()
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(f"{url}gradio_api/call/score", data=body, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=600) as answer:
            event = json.load(answer)["event_id"]
        with urllib.request.urlopen(f"{url}gradio_api/call/score/{event}", timeout=600) as answer:
            told = answer.read().decode()
    except urllib.error.HTTPError as refused:
        told = f"event: error {refused.read().decode()}"
    assert "event: error" in told
    assert "npz" not in told.replace(str(file), "")  # nobody looked into it
    assert "scores" not in told


def test_a_program_is_told_in_words_what_is_wrong_with_its_submission(url: str, tmp_path: Path):
    client = Client(url, verbose=False)
    bomb = tmp_path / "bomb.npz"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ids.npy", bytes(200 << 20))
    for name, words in (("", "Enter a name"), ("mine", "unpacks to 209,715,200 bytes")):
        with pytest.raises((AppError, ValidationError), match=words) as caught:
            client.predict(handle_file(str(bomb)), TASK, name, api_name="/score")
        assert "Traceback" not in str(caught.value) and str(tmp_path) not in str(caught.value)
