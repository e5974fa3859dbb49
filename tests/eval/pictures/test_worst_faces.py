"""The worst faces of a submission, found and drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from eval.benchmarks import BENCHMARKS
from eval.benchmarks.aflw2000 import landmarks
from eval.benchmarks.aflw2000.data import Aflw2000
from eval.benchmarks.aflw2000.landmarks import AFLW2000_3D, score
from eval.benchmarks.benchmark import PhotoFace
from eval.errors import PictureError
from eval.pictures import worst_faces
from eval.pictures.contact_sheet import worst_ids
from eval.pictures.worst_faces import write_worst
from eval.scoring.summary import Bootstrap
from eval.submissions.submission import Submission
from tests.eval.invented_results import invented_result


@pytest.fixture
def faces(benchmark: Aflw2000, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Aflw2000:
    """The invented benchmark with photos."""
    photos = tuple(tmp_path / f"{name}.jpg" for name in benchmark.ids)
    for photo in photos:
        Image.new("RGB", (450, 450), "#808080").save(photo)
    found = replace(benchmark, image_paths=photos)
    monkeypatch.setattr(landmarks, "load_variant", lambda *_, **__: found)
    return found


def test_the_sheet_shows_the_largest_errors_in_zero_based_pixels(
    faces: Aflw2000, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shifts = np.array([1.0, 5.0, 2.0, np.nan, 3.0, 4.0])[:, None, None]
    points = faces.landmarks68 + shifts
    drawn: list[PhotoFace] = []
    monkeypatch.setattr(
        worst_faces, "write_contact_sheet", lambda path, result, found: drawn.extend(found)
    )
    submission = Submission(faces.ids[::-1], points[::-1], {})
    result = score(AFLW2000_3D, faces, submission, bootstrap=Bootstrap(draws=10))
    write_worst(tmp_path / "w.png", result, submission, None, {})
    assert [face.name for face in drawn] == worst_ids(result.headline)
    assert [face.name[-1] for face in drawn] == ["1", "5", "4", "2", "0"]
    first = drawn[0]
    assert first.photo.name == "image00001.jpg"
    assert first.truth_image == pytest.approx(faces.landmarks68[1, :, :2] - 1.0)
    assert first.predicted_image - first.truth_image == pytest.approx(
        np.full((68, 2), 5.0), abs=1e-4
    )


def test_the_sheet_is_written(faces: Aflw2000, tmp_path: Path) -> None:
    submission = Submission(faces.ids, faces.landmarks68 + 3.0, {})
    result = score(AFLW2000_3D, faces, submission, bootstrap=Bootstrap(draws=10))
    write_worst(tmp_path / "w.png", result, submission, None, {})
    with Image.open(tmp_path / "w.png") as sheet:
        assert sheet.width > 1_000


def test_a_benchmark_without_photos_to_draw_on_lists_those_with(
    tmp_path: Path, perfect: Submission
) -> None:
    result = invented_result("m", protocol="florence")
    with pytest.raises(PictureError, match=r"florence has no photos .*aflw2000-3d, "):
        write_worst(tmp_path / "w.png", result, perfect, None, {})
    assert BENCHMARKS["aflw2000-3d-reannotated"].photo_faces is not None


def test_a_refused_place_is_refused_before_any_work(tmp_path: Path, perfect: Submission) -> None:
    with pytest.raises(PictureError, match=r"must end in .png or .jpg"):
        write_worst(tmp_path / "w.bmp", invented_result("m"), perfect, None, {})
