"""README and docs: short, no dead links, the records' figures, and all that runs as written."""

import argparse
import importlib.util
import re
import runpy
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import dasl.commands
import eval.__main__ as scorer
import space.__main__ as space_program
from dasl.export.save import HEAD_WRITERS, RECORD_WRITERS
from dasl.photo.load import load_photo
from dasl.video.clip import Frame
from dasl.video.overlay import write_film
from eval.benchmarks.aflw2000.variants import NOT_IN_2DASL
from eval.commands import COMMANDS
from eval.submissions.submission import write_submission
from tests.documents import DOCUMENTS, ROOT, anchors, blocks, commands, links, text_of
from tests.eval.conftest import invented_root
from tools.results_table import with_table

pytestmark = pytest.mark.long

__all__ = ["invented_root"]  # a fixture
MOST_WORDS = 900
PHOTO = ROOT / "space" / "examples" / "astronaut.jpg"
LINES = [pytest.param(words, id=" ".join(words)) for name in DOCUMENTS for words in commands(name)]
SCORER_LINES = [words[3:] for words in commands("eval/README.md") if words[3] != "convert"]


class Parsed(BaseException):
    """The command line was read without a complaint."""


def test_the_readme_is_short() -> None:
    assert len(text_of("README.md").split()) <= MOST_WORDS


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    for link in links(name):
        place, _, anchor = link.partition("#")
        target = (ROOT / name).parent / place if place else ROOT / name
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.resolve().relative_to(ROOT).as_posix()), link


@pytest.mark.parametrize("name", ["README.md", "docs/results.md"])
def test_the_results_are_those_of_the_records(name: str) -> None:
    assert with_table(text_of(name)) == text_of(name), "run python -m tools.results_table"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_program_that_a_text_names_exists(name: str) -> None:
    named = set(re.findall(r"python -m ((?:dasl|eval|space|tools)[\w.]*\w)", text_of(name)))
    assert [module for module in named if importlib.util.find_spec(module) is None] == []


@pytest.mark.parametrize("words", LINES)
def test_every_command_line_is_one(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its options exist and its values are of their types; nothing is run."""
    if words[0] in ("make", "pip"):
        return
    module, arguments = words[words.index("-m") + 1], words[words.index("-m") + 2 :]
    if module == "eval":
        scorer.build_parser().parse_args(arguments)
    elif module == "space":
        space_program.parser("board").parse_args(arguments)
    elif module == "dasl":
        dasl.commands._prepared(arguments)
    else:
        monkeypatch.setattr(sys, "argv", [module, *arguments])
        read = argparse.ArgumentParser.parse_args

        def parse(parser: argparse.ArgumentParser, *given: object, **more: object) -> None:
            read(parser, *given, **more)  # type: ignore[call-overload]
            raise Parsed

        monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse)
        with pytest.raises(Parsed):
            runpy.run_module(module, run_name="__main__")


@pytest.mark.parametrize("name", ["README.md", "docs/usage.md"])
def test_programs_in_python_run_as_they_stand(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(PHOTO, tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    (program,) = blocks(name, "python")
    exec(compile(program, name, "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) >= 2
    if name == "README.md":
        assert (tmp_path / "head.glb").stat().st_size > 100_000


def _clip(path: Path) -> None:
    pixels = load_photo(PHOTO)[:320]
    parts = (np.ascontiguousarray(pixels[:, 12 * n : 12 * n + 400]) for n in range(4))
    write_film(path, (Frame(n, n / 15, part) for n, part in enumerate(parts)))


def test_the_readmes_commands_run_as_they_stand(
    scored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(PHOTO, scored / "photo.jpg")
    _clip(scored / "clip.mp4")
    shutil.copy(scored / "mine.npz", scored / "ours.npz")  # what predict would write
    lines = [words for words in commands("README.md") if words[0] == "python"]
    assert [words[3] for words in lines] == ["reconstruct", "video", "predict", "score"]
    programs = {"dasl": dasl.commands.main, "eval": scorer.main}
    for words in lines:
        if words[3] != "predict":  # of two thousand photos
            assert programs[words[2]](words[3:]) == 0, words
    assert {path.suffix for path in (scored / "heads").iterdir()} >= {".glb", ".mp4", ".csv"}


@pytest.fixture
def scored(invented_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with DATA, the invented benchmark, and two submissions, as the texts name them."""
    folder = invented_root / "aflw2000_3d"
    names = (folder / "list.txt").read_text().split()
    for old, new in zip(names[:2], NOT_IN_2DASL, strict=True):
        (folder / old).rename(folder / f"{new}.jpg")
    ids = [*NOT_IN_2DASL, *(Path(name).stem for name in names[2:])]
    (folder / "list.txt").write_text("\n".join(f"{name}.jpg" for name in ids))
    points = np.load(folder / "pts68.npy").transpose(0, 2, 1)
    for name, pixels in (("mine", 1.0), ("theirs", 2.0)):
        noise = pixels * np.random.default_rng(3).normal(size=points.shape)
        write_submission(invented_root / f"{name}.npz", ids, points + noise, {"method": name})
    (invented_root / "DATA").symlink_to(invented_root)
    (invented_root / "records").mkdir()
    monkeypatch.chdir(invented_root)
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    return invented_root


def test_the_scorers_program_runs_as_it_stands(
    scored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (program,) = blocks("eval/README.md", "python")
    exec(compile(program, "eval/README.md", "exec"), {})
    first, *parts = capsys.readouterr().out.splitlines()
    assert first.startswith("mine 0.0") and parts[0].startswith("2D 0.0")


def test_the_scorers_commands_run_as_they_stand(scored: Path) -> None:
    for words in SCORER_LINES:
        assert scorer.main(words) == 0, words
    assert {path.suffix for path in scored.iterdir()} >= {".json", ".png", ".svg", ".tex"}
    assert list((scored / "records").glob("*.json"))


def test_the_contract_names_every_command_and_every_kind_of_file() -> None:
    text = text_of("docs/architecture.md")
    named = {*dasl.commands.COMMANDS, *COMMANDS, "deploy", "pending", "approve", "reject"}
    assert [name for name in named if f"`{name}`" not in text] == []
    files = re.search(r"`(\.glb [^`]*)`", text)
    assert files is not None
    assert set(files[1].split()) == {*HEAD_WRITERS, *RECORD_WRITERS}
