"""An SVFR submission, read back as NeRSemble's own reader does."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh
from trimesh.exchange.ply import load_ply

from dasl.head.morphable_model import MorphableModel
from tools.heads_for_benchmarks import head_of
from tools.write_nersemble import add_head, keyed_photos, main, place_of

ROOT = Path(__file__).parents[2]
KEY = "017/EMO-1-shout+laugh_156_221501007"


def test_a_mesh_and_its_points_read_back_by_their_code(tmp_path: Path) -> None:
    model = MorphableModel.load()
    identity = np.random.default_rng(0).normal(size=model.identity_count).astype(np.float32)
    head = head_of(model, identity, None)
    with zipfile.ZipFile(tmp_path / "svfr.zip", "w") as archive:
        add_head(archive, KEY, "neutral", head)
    # submission_data.py: Trimesh(**load_ply(file)) and numpy.load, at these paths
    with zipfile.ZipFile(tmp_path / "svfr.zip") as archive:
        with archive.open(f"{KEY}/mesh_neutral.ply") as file:
            mesh = trimesh.Trimesh(**load_ply(file))
        with archive.open(f"{KEY}/landmarks_neutral.npy") as file:
            points = np.load(file)
    assert len(mesh.faces) == len(head.triangles) and not np.isnan(mesh.vertices).any()
    assert len(mesh.vertices) not in (0, 5023)  # 5,023 would be taken for FLAME
    assert points.shape == (7, 3)
    nearest = trimesh.proximity.ProximityQuery(mesh).vertex(points)[0]
    assert nearest.max() < 0.006  # metres


@pytest.mark.parametrize(
    "name", ["FREE_786_222200038.png", "017/FREE.png", "17/FREE_786_222200038.png"]
)
def test_a_photo_of_another_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="PERSON"):
        place_of(Path(name))


def test_photos_are_found_below_their_people(tmp_path: Path) -> None:
    photo = tmp_path / "svfr" / "017" / "images" / "EMO-1-shout+laugh_156_221501007.png"
    photo.parent.mkdir(parents=True)
    photo.touch()
    assert list(keyed_photos(tmp_path)) == [photo]
    assert place_of(photo) == KEY


def test_a_folder_becomes_an_archive_with_both_tasks(tmp_path: Path) -> None:
    photo = tmp_path / "in" / "017" / "FREE_786_222200038.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes((ROOT / "space" / "examples" / "astronaut.jpg").read_bytes())
    output = tmp_path / "svfr.zip"
    assert main(["--images", str(tmp_path / "in"), "--output", str(output)]) == 0
    with zipfile.ZipFile(output) as archive:
        assert sorted(archive.namelist()) == [
            f"017/FREE_786_222200038/{name}"
            for name in (
                "landmarks_neutral.npy",
                "landmarks_posed.npy",
                "mesh_neutral.ply",
                "mesh_posed.ply",
            )
        ]
