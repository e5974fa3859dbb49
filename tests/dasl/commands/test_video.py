"""`python -m dasl video`: files, messages, exit status; what is bad is told, what is done kept."""

import csv
import json
import resource
from contextlib import contextmanager

import numpy as np
import pytest

from dasl.commands import video as command
from dasl.video.clip import ClipError, Frame
from tests.dasl.conftest import run_command
from tests.dasl.video.moving_head import moving_head, reconstructor
from tools.moving_head import write_clip

pytestmark = pytest.mark.usefixtures("weights_loaded_once")

FILES = [
    "clip_expressions.csv",
    "clip_expressions.json",
    "clip_overlay.mp4",
    "clip_person1.glb",
]


@pytest.fixture(scope="module")
def clip_file(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", moving_head(30).frames[:12])


def _names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_clip_gives_a_film_a_head_and_tables(clip_file, tmp_path, capsys):
    assert run_command("video", clip_file, "--output", tmp_path / "out") == 0
    assert _names(tmp_path / "out") == FILES
    shown = capsys.readouterr().out
    assert all(name in shown for name in FILES)
    assert "person 1: 12 frames" in shown
    assert "jitter" in shown and "lag" in shown


def test_the_tables_agree_and_hold_the_arkit_weights(clip_file, tmp_path):
    run_command("video", clip_file, "--output", tmp_path)
    record = json.loads((tmp_path / FILES[1]).read_text())
    with (tmp_path / FILES[0]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    (person,) = record["people"]
    assert (record["width"], record["height"], record["frame_count"]) == (320, 240, 12)
    assert len(rows) == len(person["samples"]) == 12
    names = record["expression_names"]
    assert tuple(names) == reconstructor().model.expression_names
    row, sample = rows[4], person["samples"][4]
    assert [float(row[name]) for name in names] == sample["expression"]
    assert (float(row["yaw_deg"]), float(row["time_s"])) == (sample["yaw_deg"], sample["time_s"])
    assert person["jitter_px"] < person["jitter_unsmoothed_px"]
    assert abs(person["lag_frames"]) < 2
    assert "second difference" in record["definitions"]["jitter_px"]
    true_yaw = 25 * np.sin(2 * np.pi * 0.5 * 4 / 30)
    assert sample["yaw_deg"] == pytest.approx(true_yaw, abs=8)


def test_smoothing_takes_much_of_the_jitter_of_a_second_away(tmp_path):
    """0.48 to 0.53 of it remain, by processor; `tests.dasl.video.test_smooth` tells the price."""
    path = write_clip(tmp_path / "clip.mp4", moving_head(30).frames)
    run_command("video", path, "--output", tmp_path)
    (person,) = json.loads((tmp_path / FILES[1]).read_text())["people"]
    assert person["jitter_px"] < 0.7 * person["jitter_unsmoothed_px"]
    assert abs(person["lag_frames"]) < 2


def test_unsmoothed_tables_differ_from_smoothed_ones(clip_file, tmp_path):
    run_command("video", clip_file, "--output", tmp_path / "a")
    run_command("video", clip_file, "--output", tmp_path / "b", "--unsmoothed")
    one, other = ((tmp_path / name / FILES[0]).read_text() for name in "ab")
    assert one != other


def test_a_clip_without_a_face_is_a_message_and_no_file(tmp_path, capsys):
    grey = [Frame(i, i / 30, np.full((120, 160, 3), 128, np.uint8)) for i in range(4)]
    path = write_clip(tmp_path / "wall.mp4", grey)
    assert run_command("video", path, "--output", tmp_path / "out") == 1
    assert "no face found" in capsys.readouterr().err
    assert _names(tmp_path / "out") == []


def test_bad_clips_are_messages_without_a_traceback(tmp_path, capsys):
    (tmp_path / "empty.mp4").write_bytes(b"")
    for name in ("empty.mp4", "missing.mp4"):
        assert run_command("video", tmp_path / name, "--output", tmp_path / "out") == 1
        message = capsys.readouterr().err
        assert name in message
        assert "Traceback" not in message
    assert not (tmp_path / "out").exists()


@contextmanager
def small_files():
    """The system refuses files above 20 kB, as it refuses every file once a disk is full.

    No longer than the command runs: what pytest itself prints may go to a larger file.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_keeps_the_finished_files_and_no_half_one(clip_file, tmp_path, capsys):
    with small_files():
        status = run_command("video", clip_file, "--output", tmp_path)
    assert status == 1
    assert _names(tmp_path) == FILES[:2]
    assert json.loads((tmp_path / FILES[1]).read_text())["people"]
    told = capsys.readouterr().err
    assert all(name in told for name in FILES[2:])
    assert "has space" in told and "Traceback" not in told


def test_a_damaged_clip_gives_its_first_frames_and_status_1(
    clip_file, tmp_path, monkeypatch, capsys
):
    whole = command.Clip.frames

    def broken(clip):
        for frame in whole(clip):
            if frame.index == 6:
                raise ClipError(f"'{clip.path}' is damaged after 6 frames (0.2 s)")
            yield frame

    monkeypatch.setattr(command.Clip, "frames", broken)
    assert run_command("video", clip_file, "--output", tmp_path) == 1
    assert _names(tmp_path) == FILES
    assert json.loads((tmp_path / FILES[1]).read_text())["complete"] is False
    assert "damaged after 6 frames" in capsys.readouterr().err


def test_an_output_folder_that_cannot_be_made_is_named(clip_file, tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert run_command("video", clip_file, "--output", blocked / "out") == 1
    assert str(blocked / "out") in capsys.readouterr().err


def test_no_length_to_read_is_refused(clip_file, tmp_path, capsys):
    assert run_command("video", clip_file, "--output", tmp_path, "--seconds", "0") == 1
    assert "positive" in capsys.readouterr().err


def test_of_a_clip_that_is_too_long_the_start_is_read_and_told_once(tmp_path, capsys):
    black = np.zeros((64, 64, 3), np.uint8)
    path = write_clip(tmp_path / "long.mp4", [Frame(0, 0.0, black), Frame(1, 9.0, black)])
    assert run_command("video", path, "--output", tmp_path, "--seconds", "5") == 1
    told = capsys.readouterr().err
    assert told.count("dasl: warning:") == 1 and "longer than 5 s, the limit" in told
    assert "no face found in the 1 frames" in told
