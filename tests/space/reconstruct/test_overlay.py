from pathlib import Path

import numpy as np
from PIL import Image

from dasl.photo.load import load_photo
from dasl.reconstruction.face import Face
from space.reconstruct.overlay import photo_behind
from space.reconstruct.pictures import CLOSE_UP_SIDE, close_up


def test_the_view_puts_the_heads_file_where_the_face_is_on_the_close_up(
    astronaut: Path, astronaut_face: Face, tmp_path: Path
):
    photo = load_photo(astronaut)
    behind = photo_behind(photo, astronaut_face, tmp_path / "a.jpg")
    assert Image.open(behind["photo"]["path"]).size == (CLOSE_UP_SIDE, CLOSE_UP_SIDE)
    view = behind["view"]
    turned = astronaut_face.head.vertices_model().reshape(-1, 3)
    turned = turned @ np.array(view["rotation"]).T * view["scale"]
    x, y = view["translation"]
    seen = np.stack([turned[:, 0] + x, y - turned[:, 1]], axis=1)
    expected = close_up(photo, astronaut_face)[1].vertices[:, :2]  # of a finer mesh
    for end in (np.min, np.max):
        assert np.abs(end(seen, axis=0) - end(expected, axis=0)).max() < 5  # of 720 pixels
