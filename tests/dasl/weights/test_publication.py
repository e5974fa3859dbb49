"""What is published of a weights folder."""

from pathlib import Path

import pytest
import yaml

from dasl.errors import WeightsError
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.weights.folder import (
    CARD_FILE,
    CONFIG_FILE,
    ERROR_HEAD_FILE,
    LICENCE_FILE,
    STATISTICS_FILE,
    TENSOR_FILE,
    save_weights,
)
from dasl.weights.publication import publication
from eval.leaderboard.files import load_records

RECORDS = Path(__file__).parents[3] / "eval/records"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_weights(tmp_path, CoefficientNetwork(NetworkConfig(3, 2)), {"epochs": 3})
    (tmp_path / "photo.jpg").write_bytes(b"not ours to publish")
    return tmp_path


def test_only_weights_card_licence_and_results_are_published(folder: Path) -> None:
    (folder / LICENCE_FILE).write_text("research only")
    for name in (STATISTICS_FILE, ERROR_HEAD_FILE):
        (folder / name).write_bytes(b"of these weights")
    records = [each for each in load_records(RECORDS) if "dasl" in each.facts.method]
    files = publication(folder, "user/mine", records)
    results = {f".eval_results/{each.protocol}.yaml" for each in records if each.is_complete}
    assert results
    beside = {LICENCE_FILE, CARD_FILE, STATISTICS_FILE, ERROR_HEAD_FILE}
    assert set(files) == {CONFIG_FILE, TENSOR_FILE, *beside, *results}
    assert files[TENSOR_FILE] == (folder / TENSOR_FILE).read_bytes()
    entry = yaml.safe_load(files[".eval_results/aflw2000-3d.yaml"])[0]
    assert entry["dataset"]["id"] == "user/aflw2000-3d"
    first = next(each for each in records if each.protocol == "aflw2000-3d")
    assert entry["value"] == pytest.approx(100 * first.headline.headline, abs=0.01)


def test_results_belong_to_the_owner_of_the_benchmarks(folder: Path) -> None:
    records = [each for each in load_records(RECORDS) if "dasl" in each.facts.method]
    files = publication(folder, "user/mine", records, benchmarks="boards")
    entry = yaml.safe_load(files[".eval_results/aflw2000-3d.yaml"])[0]
    assert entry["dataset"]["id"] == "boards/aflw2000-3d"


def test_a_card_is_written_where_there_is_none_and_kept_where_there_is(folder: Path) -> None:
    written = publication(folder, "user/mine")[CARD_FILE].decode()
    assert "# mine: 3D face reconstruction" in written
    assert 'from_pretrained("user/mine")' in written
    (folder / CARD_FILE).write_text("# my own\nFaceReconstructor.from_pretrained()\n")
    kept = publication(folder, "user/mine")[CARD_FILE].decode()
    assert kept == '# my own\nFaceReconstructor.from_pretrained("user/mine")\n'


def test_a_folder_that_does_not_load_is_not_published(folder: Path) -> None:
    (folder / TENSOR_FILE).write_bytes(b"")
    with pytest.raises(WeightsError, match="not a whole safetensors file"):
        publication(folder, "user/mine")
