"""The README's programs, run as they stand against a running demo."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from space.build import build_demo, launch_options
from space.service import ReconstructionService
from space.settings import RECORDS_FOLDER, ROOT
from space.submit_settings import BoardSettings
from tests.eval.conftest import invented_root, invented_submission
from tests.space.stand_in import StandInReconstructor

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


def test_the_programs_that_call_the_demo_run(
    url: str,
    astronaut: Path,
    invented_submission: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (program,) = [block for block in blocks if "gradio_client" in block]
    shutil.copy(astronaut, tmp_path / "photo.jpg")
    if invented_submission != tmp_path / "mine.npz":
        shutil.copy(invented_submission, tmp_path / "mine.npz")
    monkeypatch.chdir(tmp_path)
    exec(compile(program.replace("http://127.0.0.1:7860", url), "README.md", "exec"), {})
    pose, first, score = capsys.readouterr().out.strip().splitlines()[-3:]
    assert pose.split()[1] == "0.5" and pose.endswith("face1.glb")
    assert float(first.split()[-1]) == pytest.approx(3.79195, abs=1e-4)
    assert float(score) == pytest.approx(0.0, abs=1e-6)
