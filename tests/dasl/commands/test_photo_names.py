"""`python -m dasl reconstruct` with the names and pipes that photos come by."""

import os
import threading

import pytest

from dasl.commands import reconstruct
from dasl.errors import ExportError
from dasl.reconstruction.reconstructor import FaceReconstructor
from tests.dasl.conftest import run_command

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such names and pipes there")


@pytest.fixture(autouse=True)
def one_face(monkeypatch, reconstructor):
    """The command uses the reconstructor that needs no weights."""
    monkeypatch.setattr(FaceReconstructor, "from_pretrained", lambda *_, **__: reconstructor)


def _output(tmp_path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "heads").iterdir())


@pytest.mark.parametrize(
    "stem",
    [os.fsdecode(b"caf\xe9"), "two\nlines", 'it\'s "me"'],
    ids=["not_utf8", "two_lines", "quotes"],
)
def test_a_photo_of_any_name_gives_its_head(photo_file, tmp_path, stem):
    named = photo_file.rename(tmp_path / f"{stem}.png")
    words = ("--output", tmp_path / "heads", "--format", "glb,json,obj")
    assert run_command("reconstruct", named, *words) == 0
    assert {f"{stem}.glb", f"{stem}.json", f"{stem}.obj"} <= set(_output(tmp_path))


def test_a_name_as_long_as_a_disc_allows_is_cut(photo_file, tmp_path):
    named = photo_file.rename(tmp_path / ("x" * 251 + ".png"))
    words = ("--output", tmp_path / "heads", "--format", "obj", "--pictures", "landmarks")
    assert run_command("reconstruct", named, *words) == 0
    assert len(_output(tmp_path)) == 4


def test_what_leads_nowhere_is_told_and_the_others_go_on(photo_file, tmp_path, capsys):
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    photos = [tmp_path / "loop.png", "y" * 300 + ".png", tmp_path / "gone.png", photo_file]
    words = ("--output", tmp_path / "heads", "--format", "json")
    assert run_command("reconstruct", *photos, *words) == 1
    assert _output(tmp_path) == ["photo.json"]
    told = capsys.readouterr().err
    assert told.count("dasl: '") == 3 and "Traceback" not in told


def test_a_photo_through_a_pipe_gives_head_and_pictures(photo_file, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    content = photo_file.read_bytes()
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[content])
    writer.start()
    words = ("--output", tmp_path / "heads", "--format", "json", "--pictures", "landmarks")
    assert run_command("reconstruct", tmp_path / "pipe", *words) == 0
    writer.join()
    assert _output(tmp_path) == ["pipe.json", "pipe_landmarks.png"]


def test_a_disc_that_takes_two_names_for_one_loses_nothing(tmp_path):
    first, second = tmp_path / "IMG.glb", tmp_path / "img.glb"
    first.touch()
    taken = {reconstruct._real(first)}
    assert reconstruct._new_path(second, taken) == second  # another file here
    os.link(first, second)  # as macOS and Windows see it
    with pytest.raises(ExportError, match="different names"):
        reconstruct._new_path(second, {reconstruct._real(first)})
