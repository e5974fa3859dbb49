import pytest

from dasl.errors import NoFaceFound
from dasl.reconstruction.one_person import SOMEBODY_ELSE
from space.reconstruct.person import MOST_PHOTOS, PersonPhoto, person_of_files, photos_html
from space.reconstruct.service import ReconstructionService
from tests.space.stand_in import StandInReconstructor


@pytest.fixture
def service() -> ReconstructionService:
    stand_in = StandInReconstructor([(220.0, 120.0)])
    return ReconstructionService(lambda: stand_in)


def test_each_photo_is_told_what_became_of_it(service, astronaut, tmp_path):
    broken = tmp_path / "notes.jpg"
    broken.write_bytes(b"no photo")
    paths = [astronaut, broken, *[astronaut] * MOST_PHOTOS]
    shown, photos = person_of_files(service, paths, keep_all=False)
    assert (shown.photo_count, shown.name) == (MOST_PHOTOS - 1, "astronaut")
    assert shown.uploads == tuple(paths)
    assert [bool(each.left_out) for each in photos] == [
        False,
        True,
        *[False] * (MOST_PHOTOS - 2),
        True,
        True,
    ]
    assert str(tmp_path) not in photos[1].left_out and "limit" in photos[-1].left_out


def test_files_without_any_photo_are_refused(service, tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_bytes(b"no photo")
    with pytest.raises(NoFaceFound, match="none of these files is a photo"):
        person_of_files(service, [path], keep_all=False)


def test_the_list_names_who_was_left_out_and_escapes_names():
    photos = [PersonPhoto("<b>.jpg", None), PersonPhoto("b.jpg", None, SOMEBODY_ELSE)]
    assert [each.is_of_somebody_else for each in photos] == [False, True]
    words = photos_html(photos)
    assert "<b>.jpg" not in words and "&lt;b&gt;.jpg" in words
    assert f"Left out: {SOMEBODY_ELSE}" in words and photos_html([]) == ""
