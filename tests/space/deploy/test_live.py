"""The Live page as plain files: whole, and nothing else."""

import re

import pytest

from space import __main__ as program
from space.deploy import live
from space.settings import ROOT

IMPORTED = re.compile(r"""(?:from|import|new URL\()\s*"(\.[^"]+)\"""")


@pytest.fixture
def without_model(monkeypatch):
    """The model's files are made elsewhere."""

    def make(_, folder):
        folder.mkdir()
        (folder / "files.json").write_text("{}")
        return {}

    monkeypatch.setattr("dasl.video.browser.files.browser_files_of", make)


def test_every_file_that_the_page_names_comes_along(without_model, tmp_path):
    names = set(live.stage_live(ROOT, tmp_path))
    assert {"index.html", "sw.js", "README.md", "model/files.json", "NOTICE.txt"} <= names
    assert names == {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    for script in (tmp_path / "web").rglob("*.js"):
        for address in IMPORTED.findall(script.read_text()):
            assert (script.parent / address).is_file(), f"{script.name} wants {address}"
    page = (tmp_path / "index.html").read_text()
    for address in re.findall(r'(?:href|src)="([^"#:]+)"', page):
        assert (tmp_path / address).is_file(), address
    assert "sdk: static" in (tmp_path / "README.md").read_text()


def test_deploy_lists_the_page_alone(without_model, capsys):
    assert program.main(["deploy", "user/live", "--live", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "vendor/onnxruntime/ort.wasm.gz" in told and "nothing was uploaded" in told
    assert ".py\n" not in told and "requirements.txt" not in told


def test_the_page_is_written_to_a_folder_that_can_be_served(without_model, capsys, tmp_path):
    assert program.main(["live", str(tmp_path / "site")]) == 0
    assert (tmp_path / "site" / "web" / "live" / "worker.js").is_file()
    assert "files," in capsys.readouterr().out
