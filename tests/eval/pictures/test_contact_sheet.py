"""The sheet of worst faces, on invented photos."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageColor

from eval.benchmarks.benchmark import PhotoFace
from eval.errors import BenchmarkError, PictureError
from eval.pictures import contact_sheet
from eval.pictures.contact_sheet import (
    MARGIN,
    PREDICTED_COLOUR,
    TILE,
    TITLE,
    TRUTH_COLOUR,
    worst_ids,
    write_contact_sheet,
)
from tests.eval.invented_results import invented_result, invented_score


def face(folder: Path, name: str = "image1") -> PhotoFace:
    """A grey photo with one white pixel at (60, 40), where the truth has its middle."""
    photo = np.full((120, 160, 3), 90, dtype=np.uint8)
    photo[40, 60] = 255
    Image.fromarray(photo).save(folder / f"{name}.png")
    truth = np.array([[40.0, 20.0], [80.0, 60.0]])
    return PhotoFace(name, folder / f"{name}.png", truth, truth + 8.0)


def near(sheet: Image.Image, place: tuple[float, float], colour: str) -> bool:
    """Whether the colour lies within two pixels of a place of the first tile."""
    x, y = (round(value) for value in place)
    patch = np.asarray(sheet)[TITLE + y - 2 : TITLE + y + 3, MARGIN + x - 2 : MARGIN + x + 3]
    return bool((np.abs(patch.astype(int) - ImageColor.getrgb(colour)) < 60).all(axis=-1).any())


def test_the_worst_come_first_and_failed_faces_never() -> None:
    per_image = {"a": 0.1, "b": 0.3, "c": math.nan, "e": 0.2, "d": 0.2}
    score = invented_score(0.1, per_image=per_image)
    assert worst_ids(score, 3) == ["b", "d", "e"]
    assert worst_ids(score) == ["b", "d", "e", "a"]


def test_truth_and_prediction_lie_where_the_photo_has_them(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    write_contact_sheet(path, invented_result("mine"), [face(tmp_path)])
    with Image.open(path) as image:
        sheet = image.convert("RGB")
    # The tile's side shows 1.7 * 40 = 68 photo pixels around (60, 40), whose corner is (26, 6).
    zoom = TILE / 68.0
    for x, y in ((40, 20), (80, 60)):
        assert near(sheet, ((x - 26) * zoom, (y - 6) * zoom), TRUTH_COLOUR)
        assert near(sheet, ((x + 8 - 26) * zoom, (y + 8 - 6) * zoom), PREDICTED_COLOUR)
    bright = np.argwhere(
        np.asarray(sheet.convert("L"))[TITLE : TITLE + TILE, : MARGIN + TILE] > 220
    )
    middle = bright[np.abs(bright - [TILE / 2, MARGIN + TILE / 2]).max(axis=1) < 12].mean(axis=0)
    assert middle == pytest.approx([TILE / 2, MARGIN + TILE / 2], abs=1.0)


def test_sixty_eight_points_are_joined_to_contours(tmp_path: Path) -> None:
    photo = face(tmp_path)
    points = np.random.default_rng(0).uniform(30, 90, size=(68, 2))
    points[:17] = np.stack([np.linspace(30, 90, 17), np.full(17, 100.0)], axis=1)
    joined = replace(photo, truth_image=points, predicted_image=np.full((68, 2), np.nan))
    write_contact_sheet(tmp_path / "s.png", invented_result("mine"), [joined])
    with Image.open(tmp_path / "s.png") as image:
        sheet = image.convert("RGB")
    low, high = points.min(axis=0), points.max(axis=0)
    side = 1.7 * (high - low).max()
    between = (points[:2].mean(axis=0) - ((low + high) / 2 - side / 2)) / side * TILE
    assert near(sheet, (float(between[0]), float(between[1])), TRUTH_COLOUR)


def test_points_far_outside_the_photo_are_clipped(tmp_path: Path) -> None:
    far = replace(face(tmp_path), predicted_image=np.array([[-9e4, 9e4], [1e5, 1e5]]))
    write_contact_sheet(tmp_path / "s.jpg", invented_result("mine"), [far] * 7)
    with Image.open(tmp_path / "s.jpg") as image:
        assert image.height > 2 * TILE and image.format == "JPEG"


def test_a_sheet_never_goes_into_a_copy_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Path(contact_sheet.__file__).parents[2]
    inside = project / "docs" / "never_written.png"
    with pytest.raises(PictureError, match=r"where the benchmark's photos must not go"):
        write_contact_sheet(inside, invented_result("mine"), [face(tmp_path)])
    (tmp_path / "link").symlink_to(project)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PictureError, match=r"choose a place outside it"):
        write_contact_sheet(Path("link/s.png"), invented_result("mine"), [face(tmp_path)])
    assert not inside.exists()


def test_what_cannot_be_drawn_or_written_is_refused(tmp_path: Path) -> None:
    result, good = invented_result("mine"), face(tmp_path)
    with pytest.raises(PictureError, match=r"must end in .png or .jpg, got .gif"):
        write_contact_sheet(tmp_path / "s.gif", result, [good])
    with pytest.raises(PictureError, match=r"at least one scored face, got none"):
        write_contact_sheet(tmp_path / "s.png", result, [])
    with pytest.raises(PictureError, match=r"cannot write .*No such file"):
        write_contact_sheet(tmp_path / "no" / "s.png", result, [good])
    with pytest.raises(BenchmarkError, match=r"no photo .*gone.jpg"):
        write_contact_sheet(
            tmp_path / "s.png", result, [replace(good, photo=tmp_path / "gone.jpg")]
        )
    (tmp_path / "text.jpg").write_text("not a photo")
    with pytest.raises(BenchmarkError, match=r"text.jpg is not a readable photo"):
        write_contact_sheet(
            tmp_path / "s.png", result, [replace(good, photo=tmp_path / "text.jpg")]
        )


def test_a_photo_of_absurd_size_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_sheet, "LARGEST_PHOTO", 1_000)
    with pytest.raises(BenchmarkError, match=r"160 x 120: not a photo"):
        write_contact_sheet(tmp_path / "s.png", invented_result("mine"), [face(tmp_path)])
