import numpy as np

from dasl.export.hair.surroundings import surroundings
from dasl.geometry.coefficients import Pose
from dasl.geometry.frames import image_from_model


def _pose(scale: float, x: float, y: float) -> Pose:
    rotation = np.eye(3, dtype=np.float32)[None]
    return Pose(rotation, np.array([scale], dtype=np.float32), np.array([[x, y]], dtype=np.float32))


def test_a_point_of_the_head_lies_on_the_same_pixel_of_the_part() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (900, 1200, 3)).astype(np.uint8)
    pose = _pose(700.0, 600.0, 450.0)
    around = surroundings(photo, pose)
    point = np.array([[[0.05, -0.02, 0.01]]], dtype=np.float32)
    x, y, _ = image_from_model(point, pose)[0, 0].tolist()
    at, _ = around.camera(pose).project(point[0, 0])
    np.testing.assert_allclose(at * around.stride + around.origin, [x, y], atol=1e-3)
    column, row = np.rint(at).astype(int)
    place = (np.array([column, row]) * around.stride + around.origin).astype(int)
    np.testing.assert_array_equal(around.pixels[row, column], photo[place[1], place[0]])


def test_a_large_photo_is_thinned_out_and_copied() -> None:
    photo = np.zeros((4000, 4000, 3), np.uint8)
    around = surroundings(photo, _pose(5000.0, 2000.0, 2000.0))
    assert around.stride > 1
    assert max(around.pixels.shape) < 1600
    photo[:] = 255
    assert around.pixels.max() == 0


def test_a_head_beyond_the_photo_still_has_a_pixel() -> None:
    around = surroundings(np.zeros((20, 30, 3), np.uint8), _pose(100.0, -900.0, 900.0))
    assert min(around.pixels.shape) >= 1
