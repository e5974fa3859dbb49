import numpy as np

from dasl.geometry.coefficients import Pose
from dasl.geometry.frames import image_from_model
from space.reconstruct.pictures import (
    ACCENT,
    CLOSE_UP_SIDE,
    OTHER,
    STRIP,
    close_up,
    face_at,
    number_faces,
    strip_pictures,
)
from tests.space.stand_in import StandInReconstructor

GREY = np.full((512, 768, 3), 128, dtype=np.uint8)
FACES = StandInReconstructor([(200.0, 256.0), (560.0, 256.0)])(GREY)


def test_the_chosen_face_is_framed_in_the_accent_colour():
    picture = number_faces(GREY, FACES, chosen=1)
    assert tuple(picture[300, 490]) == ACCENT  # left edge of the second box, x = 560 - 70
    assert tuple(picture[300, 130]) == OTHER
    assert (GREY == 128).all()


def test_a_point_belongs_to_the_face_around_it_or_the_nearest():
    assert face_at(FACES, 560, 250) == 1
    assert face_at(FACES, 210, 250) == 0
    assert face_at(FACES, 0, 0) == 0
    assert face_at(FACES, 760, 500) == 1


def test_of_two_boxes_around_a_point_the_smaller_counts():
    whole = StandInReconstructor([(200.0, 256.0), (230.0, 256.0)])(GREY)
    whole[0].box[:] = (0, 0, 768, 512)
    assert face_at(whole, 230, 256) == 1


def test_a_close_up_is_centred_on_the_face_and_moves_the_face_along():
    photo = GREY.copy()
    photo[254:258, 198:202] = 255
    square, face = close_up(photo, FACES[0])
    bright = np.argwhere(square[..., 0] > 250)
    assert square.shape == (CLOSE_UP_SIDE, CLOSE_UP_SIDE, 3)
    middle = bright.mean(axis=0)
    assert np.abs(middle - CLOSE_UP_SIDE / 2).max() < 3
    # the patch lies on the photo where the middle of the box does, so it must afterwards
    assert np.abs(middle[::-1] - (face.box[:2] + face.box[2:]) / 2).max() < 3


def test_the_pose_of_a_close_up_puts_the_landmarks_where_they_are():
    _, face = close_up(GREY, FACES[0])
    pose = Pose(
        rotation=face.pose.rotation[None],
        scale=np.array([face.pose.scale], dtype=np.float32),
        translation=face.pose.translation[None],
    )
    weights = np.array([list(face.expression.values())], dtype=np.float32)
    points = face.model.landmarks68(face.identity[None], weights)
    assert np.abs(image_from_model(points, pose)[0] - face.landmarks).max() < 0.01


def test_a_close_up_stays_inside_the_photo():
    at_the_border = StandInReconstructor([(90.0, 256.0)])(GREY)[0]
    assert (close_up(GREY, at_the_border)[0] == 128).all()


def test_a_face_larger_than_the_photo_has_a_close_up():
    small = GREY[200:300, 150:250]
    assert close_up(small, StandInReconstructor([(50.0, 50.0)])(small)[0])[0].max() == 128


def test_every_picture_of_the_strip_is_drawn():
    drawn = dict(strip_pictures(GREY, FACES[0]))
    assert list(drawn) == list(STRIP)
    for name, picture in drawn.items():
        wide = FACES[0].head.texture().shape[1] if name == "uv" else CLOSE_UP_SIDE
        assert picture.dtype == np.uint8
        assert picture.shape[1] == wide
        assert picture.std() > 5
