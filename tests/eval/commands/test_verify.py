"""`eval verify`, and `eval add` with a submission: records against the predictions."""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from eval.__main__ import main
from eval.commands import add, verify
from eval.errors import RecordError
from eval.leaderboard.files import load_record, load_records, save_record
from eval.results.record import MethodFacts


def ran(command: ModuleType, *words: object) -> str:
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers(dest="command"))
    name = command.__name__.rpartition(".")[2]
    text = command.run(parser, parser.parse_args([name, *map(str, words)]))
    assert isinstance(text, str)
    return text


def write_noisy(root: Path, name: str, pixels: float) -> Path:
    """The truth of ``invented_root`` moved by some pixels, as a submission file."""
    folder = root / "aflw2000_3d"
    points = np.load(folder / "pts68.npy").transpose(0, 2, 1)
    noise = pixels * np.random.default_rng(3).normal(size=points.shape)
    stems = [Path(name).stem for name in (folder / "list.txt").read_text().split()]
    path = root / f"{name}.npz"
    meta = json.dumps({"method": "noisy"})
    landmarks = (points + noise).astype(np.float32)
    np.savez_compressed(path, ids=np.array(stems), landmarks=landmarks, meta=meta)
    return path


@pytest.fixture
def noisy(invented_root: Path) -> Path:
    return write_noisy(invented_root, "noisy", 1.0)


def scored(submission: Path, root: Path, *words: str) -> Path:
    path = submission.with_suffix(".json")
    arguments = ["score", "aflw2000-3d", str(submission), "--root", str(root), "--json", str(path)]
    assert main([*arguments, *words]) == 0
    return path


def test_a_record_of_its_submission_is_verified(invented_root: Path, noisy: Path) -> None:
    record = scored(noisy, invented_root, "--z-rule", "min", "--subset", "balanced")
    text = ran(verify, record, "--submission", noisy, "--root", invented_root)
    assert text.startswith(f"verified {record}: noisy, 2D ") and "1,998 of 1,998 faces" in text


def test_options_that_the_record_does_not_tell_are_given(invented_root: Path, noisy: Path) -> None:
    record = scored(noisy, invented_root, "--subset", "balanced", "--subset-seed", "3")
    given = (record, "--submission", noisy, "--root", invented_root)
    assert "verified" in ran(verify, *given, "--scored-with=--subset-seed 3")
    with pytest.raises(RecordError, match=r"subset is 'balanced, 1998 faces, seed 3', wanted"):
        ran(verify, *given)
    with pytest.raises(RecordError, match="unrecognized arguments: --surprise"):
        ran(verify, *given, "--scored-with=--surprise")
    with pytest.raises(RecordError, match="No closing quotation"):
        ran(verify, *given, "--scored-with='")


def test_errors_that_were_made_up_are_refused(invented_root: Path, noisy: Path) -> None:
    """Errors, aggregates and hashes all follow from each other: only the predictions tell."""
    path = scored(noisy, invented_root)
    honest = load_record(path)
    better = load_record(scored(write_noisy(invented_root, "better", 0.5), invented_root))
    save_record(path, replace(better, submission_sha256=honest.submission_sha256))
    load_record(path)  # nothing in the files themselves is wrong
    given = (path, "--submission", noisy, "--root", invented_root)
    with pytest.raises(RecordError, match=r"scores\.2d\.mean_of_bins is .*; and [\d,]+ more"):
        ran(verify, *given)
    with pytest.raises(RecordError, match=r"scores\.2d\.mean_of_bins is "):
        ran(add, *given, "--to", invented_root / "board")
    assert not (invented_root / "board").exists()


def test_another_submission_and_another_name_are_refused(invented_root: Path, noisy: Path) -> None:
    record = scored(noisy, invented_root)
    other = write_noisy(invented_root, "other", 0.5)
    with pytest.raises(RecordError, match="submission_sha256 is"):
        ran(verify, record, "--submission", other, "--root", invented_root)
    save_record(record, replace(load_record(record), facts=MethodFacts("mine")))
    with pytest.raises(RecordError, match=r"facts\.method is 'mine', wanted 'noisy'"):
        ran(verify, record, "--submission", noisy, "--root", invented_root)


def test_a_verified_record_is_added_as_scored_here(invented_root: Path, noisy: Path) -> None:
    record, board = scored(noisy, invented_root), invented_root / "board"
    given = ("--to", board, "--submission", noisy, "--root", invented_root)
    assert "verified" in ran(add, record, *given)
    assert [r.provenance for r in load_records(board)] == ["scored"]
    with pytest.raises(SystemExit):
        ran(add, record, record, *given)
