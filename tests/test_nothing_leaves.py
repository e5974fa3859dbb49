"""No program reports anything, looks a name up, or leaves files where it was not told to."""

import socket
from pathlib import Path

import numpy as np
import pytest

from dasl.photo.load import load_photo
from dasl.video.clip import Frame
from dasl.video.overlay import write_film
from tests.quiet_programs import ROOT, run_quietly

pytestmark = pytest.mark.long

PHOTO = ROOT / "space" / "examples" / "astronaut.jpg"
CACHES = (".cache/matplotlib/", ".config/matplotlib/", ".cache/huggingface/datasets/")
"""What the README states: matplotlib's list of fonts, tables that were read."""

OPEN_THE_PAGE = """\
import sys
sys.argv = ["app.py"]
import app, gradio, threading, urllib.request
launch = gradio.Blocks.launch
def launch_and_visit(demo, **options):
    _, url, _ = launch(demo, prevent_thread_lock=True, quiet=True, **options)
    assert b"<html" in urllib.request.urlopen(url, timeout=600).read()
    for thread in threading.enumerate():
        if "warm_up" in thread.name:
            thread.join()
    demo.close()
gradio.Blocks.launch = launch_and_visit
app.main()
"""
TELLS_A_SWITCH = """\
import os, importlib
importlib.import_module({package!r})
print(os.environ["ORT_DISABLE_TELEMETRY"], os.environ["GRADIO_ANALYTICS_ENABLED"])
"""


def _clip(path: Path) -> Path:
    pixels = load_photo(PHOTO)[:320]
    parts = (np.ascontiguousarray(pixels[:, 12 * n : 12 * n + 400]) for n in range(4))
    return write_film(path, (Frame(n, n / 15, part) for n, part in enumerate(parts)))


@pytest.mark.parametrize("package", ["dasl", "eval", "space"])
def test_reports_are_off_once_a_package_is_imported(package: str, tmp_path: Path):
    program = TELLS_A_SWITCH.format(package=package)
    assert run_quietly(tmp_path, "-c", program).stdout.split() == ["1", "False"]


def test_a_switch_that_the_user_has_set_stays(tmp_path: Path):
    program = TELLS_A_SWITCH.format(package="dasl")
    told = run_quietly(tmp_path, "-c", program, GRADIO_ANALYTICS_ENABLED="True")
    assert told.stdout.split() == ["1", "True"]


@pytest.mark.parametrize(
    "words",
    [
        ("-c", "import dasl; dasl.FaceReconstructor.from_pretrained()('{photo}')[0].save('a.glb')"),
        ("-m", "dasl", "reconstruct", "{photo}", "--output", "out"),
        ("-m", "dasl", "video", "{clip}", "--output", "out"),
        ("-m", "eval", "table"),
        (
            *("-m", "dasl", "train", "{config}", "--set", "data.train=[painted:4:1]"),
            *("--set", "data.validation=painted:3:2", "--set", "run.epochs=1"),
            *("--set", "run.epoch_steps=1", "--set", "run.batch_size=4"),
            *("--set", "run.output=run"),
        ),
        ("-c", OPEN_THE_PAGE),
    ],
    ids=["import", "reconstruct", "video", "eval", "train", "page"],
)
def test_a_program_leaves_nothing_behind_and_asks_nobody(words: tuple[str, ...], tmp_path: Path):
    places = {
        "{photo}": str(PHOTO),
        "{clip}": str(_clip(tmp_path / "clip.mp4")),
        "{config}": str(ROOT / "configs" / "smoke.yaml"),
    }
    filled = []
    for word in words:
        for name, place in places.items():
            word = word.replace(name, place)
        filled.append(word)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    told = run_quietly(tmp_path, *filled, GRADIO_SERVER_PORT=port)
    assert told.attempts == ()
    assert [name for name in told.files if not name.startswith(CACHES)] == []


def test_the_guard_sees_an_attempt_and_a_file(tmp_path: Path):
    program = (
        "import pathlib, urllib.request\n"
        "(pathlib.Path.home() / 'id').touch()\n"
        "try: urllib.request.urlopen('http://example.org', timeout=5)\n"
        "except OSError: pass\n"
    )
    told = run_quietly(tmp_path, "-c", program)
    assert told.files == ("id",)
    assert told.attempts == ("look-up of example.org",)
