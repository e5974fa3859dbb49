"""Records on disk: both ways, and what is refused."""

import json
import math
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from eval.errors import RecordError
from eval.leaderboard.files import (
    LARGEST_FILE,
    load_record,
    load_records,
    parse_record,
    per_image_csv,
    record_json,
    save_record,
    side_path,
)
from tests.eval.invented_results import invented_result, partial_result


def test_a_record_survives_the_way_to_disk_and_back(tmp_path: Path) -> None:
    result = partial_result("partial", 0.04)
    save_record(tmp_path / "r.json", result)
    again = load_record(tmp_path / "r.json")
    assert record_json(again) == record_json(result)
    errors = again.headline.per_image
    assert errors["image2"] == pytest.approx(0.04, rel=1e-8)
    assert math.isnan(errors["image3"])
    assert math.isnan(again.headline.per_point[1])
    assert again.facts == result.facts


def test_per_image_errors_lie_in_a_csv_that_a_person_can_read() -> None:
    lines = per_image_csv(partial_result("partial", 0.03).scores).decode().splitlines()
    assert lines == [
        "id,bin,angle_deg,2d,3d",
        "image1,0-30,,0.02,0.03",
        "image2,30-60,,0.03,0.04",
        "image3,30-60,,,",
    ]


def test_the_json_holds_no_per_image_errors_but_the_hash_of_their_file() -> None:
    document = json.loads(record_json(invented_result("one")))
    assert "per_image" not in document["scores"][0]
    assert len(document["per_image_sha256"]) == 64
    assert document["scores"][0]["per_point"][1] is None  # NaN is not JSON


def test_records_come_by_name_and_an_absent_folder_has_none(tmp_path: Path) -> None:
    save_record(tmp_path / "b.json", invented_result("second"))
    save_record(tmp_path / "a.json", invented_result("first"))
    assert [record.facts.method for record in load_records(tmp_path)] == ["first", "second"]
    assert load_records(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 99}, "schema_version must be 3, got 99"),
        ({"surprise": 1}, "missing or unknown fields: surprise"),
        ({"scored": "many"}, "scored must be int, got 'many'"),
        ({"scored": True}, "scored must be int, got True"),
        ({"scores": [None]}, "scores must be Score, got None"),
        ({"scores": []}, "scores must hold at least one"),
        ({"scores": {}}, "scores must be"),
        ({"warnings": "none"}, "warnings must be"),
        ({"facts": {"method": "m"}}, "missing or unknown fields"),
        ({"options": {"yaw": 3}}, "options must be str, got 3"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_by_name(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = tmp_path / "bad.json"
    save_record(path, invented_result("one"))
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(RecordError, match=f"bad.json: .*{message}"):
        load_records(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "3", '"text"', "[" * 100_000, '{"schema_version": 3}', "\ufffd"]
)
def test_a_file_that_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    save_record(path, invented_result("one"))
    path.write_text(text)
    with pytest.raises(RecordError, match=r"bad\.json"):
        load_record(path)


def test_a_missing_or_changed_side_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    save_record(path, invented_result("one"))
    side_path(path).write_bytes(per_image_csv(invented_result("two", 0.05).scores))
    with pytest.raises(RecordError, match="per-image file belongs to another record"):
        load_record(path)
    side_path(path).unlink()
    with pytest.raises(RecordError, match=r"r\.per_image\.csv"):
        load_record(path)


def test_doubled_images_and_scores_and_unknown_words_are_refused() -> None:
    result = invented_result("one")
    side = per_image_csv(result.scores)
    doubled = side + side.splitlines(keepends=True)[1]
    text = record_json(result)
    with pytest.raises(RecordError, match="names an image twice"):
        parse_record(text.replace(*(sha256(part).hexdigest() for part in (side, doubled))), doubled)
    twice = replace(result, scores=(result.headline, result.headline))
    with pytest.raises(RecordError, match="have the same name"):
        parse_record(record_json(twice), per_image_csv(twice.scores))
    with pytest.raises(RecordError, match="provenance must be scored or reported, got 'best'"):
        parse_record(text.replace('"provenance": "scored"', '"provenance": "best"'), side)


def test_a_file_too_large_for_a_record_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(RecordError, match="64 MiB"):
        load_record(path)


def test_a_record_has_the_suffix_json_and_a_folder_to_lie_in(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"a record is a \.json file, got r\.txt"):
        save_record(tmp_path / "r.txt", invented_result("one"))
    with pytest.raises(RecordError, match="cannot write"):
        save_record(tmp_path / "nowhere" / "r.json", invented_result("one"))
