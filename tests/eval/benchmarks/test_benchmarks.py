"""What the folders of the benchmarks declare, and the lists that are made from it."""

from pathlib import Path

import pytest

from eval.__main__ import main
from eval.benchmarks import BENCHMARKS, PROTOCOLS
from eval.benchmarks.protocol import INVENTED_FILES, PUBLISHED_FILES
from eval.commands.table import RECORDS
from eval.leaderboard.files import load_records

FOLDER = Path(__file__).parents[3] / "eval" / "benchmarks"
INVENTED = {
    *("aflw2000-3d-dense", "aflw2000-3d-reconstruction", "aflw-21", "aflw-lfpa", "florence"),
}


def test_each_folder_of_a_benchmark_declares_some_and_no_name_comes_twice() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    named = {each.score.__module__.split(".")[2] for each in BENCHMARKS.values()}
    assert named == folders
    assert len(BENCHMARKS) == 8
    assert {name: each.protocol for name, each in BENCHMARKS.items()} == PROTOCOLS


def test_only_what_was_measured_on_the_published_files_goes_without_a_caution() -> None:
    stated = {name: protocol.verified_on for name, protocol in PROTOCOLS.items()}
    assert set(stated.values()) == {PUBLISHED_FILES, INVENTED_FILES}
    assert {name for name, files in stated.items() if files == INVENTED_FILES} == INVENTED
    assert {name for name, protocol in PROTOCOLS.items() if protocol.caution} == INVENTED
    assert not INVENTED & {record.protocol for record in load_records(RECORDS)}


def test_the_lists_of_boards_say_which_have_run_on_invented_files_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["protocols"]) == 0
    assert capsys.readouterr().out.count("synthetic files only") == len(INVENTED)
    assert main(["table"]) == 0
    blocks = capsys.readouterr().out.split(": errors in ")
    names = [block.rpartition("\n")[2] for block in blocks[:-1]]
    warned = {n for n, block in zip(names, blocks[1:], strict=True) if "synthetic files" in block}
    assert warned == INVENTED & set(names)
    assert {"aflw2000-3d", "florence", "aflw-lfpa"} <= set(names)
