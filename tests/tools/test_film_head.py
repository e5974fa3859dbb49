import io

from PIL import Image

from tools.film_head import LARGEST_FILE, small_film


def test_the_film_has_all_frames_and_repeats():
    frames = [Image.new("RGB", (64, 64), (shade, 90, 60)) for shade in range(0, 200, 20)]
    content = small_film(frames)
    film = Image.open(io.BytesIO(content))
    assert (film.format, film.n_frames, film.info["loop"]) == ("WEBP", 10, 0)
    assert len(content) <= LARGEST_FILE
