import json

import numpy as np
from PIL import Image

from tests.dasl.export.hair.haired_head import HAIR_RGB, face_with_hair
from tools import hair_pairs
from tools.hair_pairs import SIDE_PX, pair


def test_the_row_with_hair_is_where_the_key_says(monkeypatch) -> None:
    face = face_with_hair(monkeypatch)
    photo = np.full((450, 450, 3), 90, np.uint8)
    for hair_above in (True, False):
        rows = np.split(pair(photo, face, hair_above)[:, SIDE_PX:].astype(float), 2)
        hair = [(np.abs(row - HAIR_RGB).max(axis=2) < 40).sum() for row in rows]
        assert (hair[0] > hair[1]) == hair_above
        assert max(hair) > 1.3 * min(hair)


def test_it_writes_a_picture_and_the_key_for_an_example(tmp_path, capsys) -> None:
    hair_pairs.main(["space/examples/astronaut.jpg", "--output", str(tmp_path)])
    assert json.loads((tmp_path / "key.json").read_text())["astronaut"] in "AB"
    assert Image.open(tmp_path / "astronaut.png").size == (4 * SIDE_PX, 2 * SIDE_PX)
    assert "1 of 1 heads have hair" in capsys.readouterr().out
