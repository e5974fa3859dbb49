import re

from space.reconstruct.cards import face_cards


def test_cards_show_confidence_pose_and_the_strongest_expression(astronaut_face):
    html = face_cards(astronaut_face, 1)
    assert ">90<" in html.replace('<span class="unit">', "<")
    assert "Expected landmark error: 2.3 % of face size" in html
    assert "facing the camera" in html
    units = re.findall(r'class="name" title="(\w+)"', html)
    assert (units[0], len(units)) == ("jawOpen", 8)
    assert 'aria-valuenow="0.50"' in html


def test_angles_near_zero_have_no_sign(astronaut_face):
    assert "<b>0°</b>" in face_cards(astronaut_face, 1)
    assert "-0" not in face_cards(astronaut_face, 1)
