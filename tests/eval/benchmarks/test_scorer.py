"""The scorer as a library: the shell's record, field by field, in a process without torch."""

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

import eval as scorer
from eval.__main__ import main
from eval.errors import ChoiceError, SubmissionError
from eval.leaderboard.files import SIDE_FIELDS, side_path

PROGRAM = """
import sys

class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ("torch", "dasl", "gradio"):
            raise ModuleNotFoundError(f"no {name} here")

sys.meta_path.insert(0, Absent())
from eval import compare, load_record, save_record, score
root, submission, target = sys.argv[1:]
record = score("aflw2000-3d", submission, root=root, z_rule="min", threshold=(5, 7))
save_record(target, record)
print(compare(record, load_record(target))[0].first.method)
"""


def test_python_and_the_shell_give_one_record_without_torch(
    invented_root: Path, invented_submission: Path
) -> None:
    python, shell = invented_root / "python.json", invented_root / "shell.json"
    arguments = [str(invented_root), str(invented_submission), str(python)]
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "truth\n"
    words = ["score", "aflw2000-3d", str(invented_submission), "--root", str(invented_root)]
    assert main([*words, "--z-rule", "min", "--threshold", "5", "7", "--json", str(shell)]) == 0
    ours, theirs = (json.loads(path.read_text()) for path in (python, shell))
    assert len(ours) > 15 and set(ours) == set(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert side_path(python).read_bytes() == side_path(shell).read_bytes()


def test_a_submission_in_memory_scores_as_its_file_does(
    invented_root: Path, invented_submission: Path
) -> None:
    root = invented_root
    written = scorer.score("aflw2000-3d", invented_submission, root=root)
    held = scorer.Submission(
        *(getattr(_read(invented_submission), name) for name in ("ids", "landmarks", "meta"))
    )
    result = scorer.score("aflw2000-3d", held, root=root)
    assert result.submission_sha256 == ""
    assert replace(result, submission_sha256=written.submission_sha256) == written
    assert all(name in asdict(result)["scores"][0] for name in SIDE_FIELDS)


def _read(path: Path) -> scorer.Submission:
    from eval.submissions.submission import read_submission

    return read_submission(path)


def test_unknown_names_are_refused_with_the_known_ones(invented_submission: Path) -> None:
    with pytest.raises(ChoiceError, match=r"unknown benchmark 'aflw2000'.* has: aflw2000-3d, "):
        scorer.score("aflw2000", invented_submission)
    with pytest.raises(ChoiceError, match=r"unknown choice 'rule'.* has: .*z_rule"):
        scorer.score("aflw2000-3d", invented_submission, rule="min")
    with pytest.raises(ChoiceError, match=r"z_rule must be one of mean, .*got 'max'"):
        scorer.score("aflw2000-3d", invented_submission, z_rule="max")
    with pytest.raises(SubmissionError, match="no file"):
        scorer.score("aflw2000-3d", invented_submission.parent / "gone.npz")


def test_the_package_offers_what_it_lists() -> None:
    assert {"score", "compare", "load_record"} <= set(scorer.__all__)
    assert all(callable(getattr(scorer, name)) for name in scorer.__all__)
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        _ = scorer.scores
