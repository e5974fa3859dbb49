"""The tables of a clip: CSV for a spreadsheet, JSON that says what its numbers mean."""

import csv
import io
import json

import pytest

from dasl.errors import DaslError
from dasl.video.samples import TrackedClip
from dasl.video.table import csv_table, json_table
from dasl.video.track import track_clip
from tests.dasl.video.moving_head import moving_head, reconstructor

NAMES = ("jawOpen", "mouthClose")


@pytest.fixture(scope="module")
def clip() -> TrackedClip:
    return track_clip(moving_head(4).frames, reconstructor())


def test_csv_has_a_row_for_each_person_and_frame(clip):
    names = reconstructor().model.expression_names
    rows = list(csv.DictReader(io.StringIO(csv_table(clip.tracks, names).decode())))
    assert [(row["person"], row["frame"]) for row in rows] == [("1", str(n)) for n in range(4)]
    assert set(names) < set(rows[0])
    weights = clip.tracks[0].samples[2].coefficients.expression[0].tolist()
    assert [float(rows[2][name]) for name in names] == pytest.approx(weights, abs=6e-5)
    pose = clip.tracks[0].samples[2].coefficients.pose
    assert float(rows[2]["scale_px_per_m"]) == pytest.approx(float(pose.scale[0]), abs=1e-3)


def test_json_says_what_its_numbers_mean_and_holds_one_identity(clip):
    record = json.loads(json_table(clip, clip.tracks, NAMES))
    assert (record["width"], record["height"], record["frame_count"]) == (320, 240, 4)
    assert record["complete"] is True
    assert "upright frame" in record["frames_of_reference"]["image"]
    (person,) = record["people"]
    assert len(person["identity_sd"]) == reconstructor().model.identity_count
    assert person["jitter_px"] == person["jitter_unsmoothed_px"] > 0
    assert person["lag_frames"] is None  # four frames are too few to tell
    assert set(record["definitions"]) == {"jitter_px", "lag_frames"}


def test_json_of_a_damaged_clip_says_so(clip):
    cut = TrackedClip(clip.tracks, 4, clip.size, DaslError("damaged"))
    assert json.loads(json_table(cut, clip.tracks, NAMES))["complete"] is False
