from dasl.video import Clip
from space.examples import CLIP, FOLDER, PHOTOS, photo_path
from space.settings import MAX_CLIP_S


def test_every_example_photo_has_words_and_every_word_a_photo():
    assert {photo_path(name) for name in PHOTOS} == set(FOLDER.glob("*.jpg"))


def test_every_example_has_its_credits():
    credits = (FOLDER / "CREDITS.md").read_text()
    for path in (*map(photo_path, PHOTOS), CLIP):
        assert f"## {path.name}" in credits


def test_the_example_clip_is_short_enough_to_be_taken():
    frames = list(Clip.open(CLIP, MAX_CLIP_S).frames())
    assert 60 <= len(frames) <= 30 * MAX_CLIP_S
