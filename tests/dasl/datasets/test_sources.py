"""What an entry of `data.train` may name; the hub by a stand-in, in a process of its own."""

from pathlib import Path

import pytest

from dasl.datasets.sources import read_source
from dasl.errors import ConfigError
from tests.dasl.invented_faces_2d import invented_faces_2d, write_faces_2d
from tests.hub_stand_in import hub_stand_in
from tests.hub_visitor import run_against_hub

_READ = """
import sys
from pathlib import Path
from dasl.datasets.sources import read_source
from dasl.errors import ConfigError
for entry in sys.argv[1:]:
    try:
        print(" ".join(read_source(entry, Path("."), "train").ids))
    except ConfigError as error:
        print("ConfigError:", error)
"""


def test_a_folder_of_parquet_is_read_by_split(tmp_path: Path) -> None:
    write_faces_2d(invented_faces_2d(2), tmp_path / "mine/train-00000.parquet")
    assert len(read_source("mine", tmp_path, "train")) == 2
    assert len(read_source(str(tmp_path / "mine"), Path("nowhere"), "train", limit=1)) == 1
    with pytest.raises(ConfigError, match=r"mine has no validation-\*\.parquet"):
        read_source("mine", tmp_path, "validation")


def test_what_is_no_source_is_told_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"hub:USER/NAME, .* got 'nowhere'"):
        read_source("nowhere", tmp_path, "train")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="holds no photo"):
        read_source("empty", tmp_path, "train")


def test_a_data_set_of_the_hub_is_read_and_what_it_lacks_is_named(tmp_path: Path) -> None:
    faces = invented_faces_2d(3)
    write_faces_2d(faces, tmp_path / "good.parquet")
    write_faces_2d(faces, tmp_path / "bad.parquet", without="image")
    with hub_stand_in() as (address, repos):
        for name in ("good", "bad"):
            content = (tmp_path / f"{name}.parquet").read_bytes()
            repos[f"datasets/user/{name}"] = {"data/train-00000-of-00001.parquet": content}
        entries = ("hub:user/good", "hub:user/bad", "hub:user/nowhere")
        good, bad, nowhere = run_against_hub(address, tmp_path / "hub", _READ, *entries)
    assert good == " ".join(faces.ids)
    assert "user/bad has no column image" in bad
    assert "cannot read the data set user/nowhere" in nowhere
