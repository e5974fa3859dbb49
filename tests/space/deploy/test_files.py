import re
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from space.deploy.files import (
    DeployError,
    space_files,
    space_requirements,
    stage,
)
from space.settings import ROOT


@pytest.fixture(scope="module")
def files() -> list[str]:
    return space_files(ROOT)


def test_what_the_page_runs_on_comes_along(files):
    assert {"app.py", "README.md", "NOTICE", "LICENSE-weights"} <= set(files)
    assert {
        "dasl/reconstruction/reconstructor.py",
        "space/page/__init__.py",
        "space/web/boards.css",
    } <= set(files)
    assert {"dasl/assets/lite0/model.safetensors", "dasl/assets/head.safetensors"} <= set(files)
    assert {"eval/leaderboard/quoted.csv", "eval/__main__.py"} <= set(files)
    assert any(name.startswith("eval/records/") for name in files)
    assert any(name.startswith("space/examples/") and name.endswith(".jpg") for name in files)


def test_what_nobody_needs_there_stays_away(files):
    folders = {name.split("/")[0] for name in files}
    assert not folders & {"tests", "tools", "configs", "runs", "outputs", ".git", ".ci"}
    for away in (
        "dasl/training",
        "dasl/datasets",
        "dasl/head/fitting.py",
        "space/deploy/command.py",
    ):
        assert not any(name.startswith(away) for name in files)
    assert not any("__pycache__" in name or "/." in name for name in files)


def test_of_the_documents_only_the_readmes_pictures_come_along(files):
    readme = (ROOT / "README.md").read_text()
    shown = set(re.findall(r"!\[[^\]]*\]\((docs/[^)]+)\)", readme))
    assert shown and {name for name in files if name.startswith("docs/")} == shown


def test_all_of_it_is_listed_once_in_order(files):
    assert files == sorted(set(files))


def test_the_space_needs_neither_torch_nor_another_gradio():
    lines = space_requirements((ROOT / "requirements.txt").read_text()).splitlines()
    names = {Requirement(line).name for line in lines}
    assert not names & {"torch", "gradio"}
    ours = {
        Requirement(line.split("#")[0]).name
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if line.split("#")[0].strip()
    }
    assert names == ours - {"gradio"}


def test_a_space_with_a_gpu_takes_torch_with_cuda():
    text = (ROOT / "requirements.txt").read_text()
    with_cuda = space_requirements(text, gpu=True)
    assert with_cuda == f"torch==2.11.0\n{space_requirements(text)}"


def test_staging_copies_the_files_and_writes_the_requirements(tmp_path: Path, files):
    names = stage(ROOT, tmp_path, "user/faces")
    assert names == sorted([*files, "requirements.txt"])
    assert {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()} == set(names)


def test_a_link_to_the_space_shows_our_card(tmp_path: Path):
    stage(ROOT, tmp_path, "user/faces")
    _, front_matter, _ = (tmp_path / "README.md").read_text().split("---\n", 2)
    address = yaml.safe_load(front_matter)["thumbnail"]
    assert address.startswith("https://huggingface.co/spaces/user/faces/resolve/main/")
    assert (tmp_path / address.partition("/main/")[2]).is_file()


def test_a_copy_of_the_project_that_is_not_complete_is_named(tmp_path: Path):
    for name in ("app.py", "README.md"):
        (tmp_path / name).write_text("")
    with pytest.raises(DeployError, match=r"LICENSE.*not in .*complete copy"):
        space_files(tmp_path)
