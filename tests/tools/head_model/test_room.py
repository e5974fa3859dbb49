"""Making room for a part in the hollow of a box of flesh."""

import numpy as np

from tests.tools.head_model.test_passing import CUBE, TRIANGLES
from tools.head_model.passing import depth, laid, sheet
from tools.head_model.room import carried, fitted_field, give_way, make_room, part_of

# Flesh between the hollow's walls, vertices 0 to 7, and the box's outside, 8 to 15.
HOLLOW = sheet(np.concatenate([TRIANGLES[:, ::-1], TRIANGLES + 8]))


def _with_part(at: tuple[float, float, float]) -> np.ndarray:
    """The hollow and a triangle of size 0.4 in it: vertices 16 to 18."""
    part = np.array([[-0.2, 0, 0], [0.2, 0, 0], [0, 0.2, 0]]) + at
    return np.concatenate([CUBE, 3 * CUBE, part])


PART = part_of(np.array([[16, 17, 18]]))


def test_a_part_that_sticks_in_a_wall_is_freed_with_its_margin() -> None:
    head = _with_part((0.9, 0.0, 0.0))
    step = make_room([head], PART, HOLLOW, 0.1)
    head[PART.vertices] += step
    assert depth(laid(head, HOLLOW), head[PART.vertices])[0].max() < -0.05
    assert step[:, 0].mean() < 0


def test_a_part_with_room_on_all_heads_stays() -> None:
    heads = [_with_part((0.0, 0.0, 0.0)), _with_part((0.3, 0.0, 0.0))]
    np.testing.assert_array_equal(make_room(heads, PART, HOLLOW, 0.1), 0)


def test_the_narrowest_head_says_how_much_room_is_made() -> None:
    heads = [_with_part((0.0, 0.0, 0.0)), _with_part((0.95, 0.0, 0.0))]
    step = make_room(heads, PART, HOLLOW, 0.1)
    for head in heads:
        moved = head[PART.vertices] + step
        assert depth(laid(head, HOLLOW), moved)[0].max() < -0.05


def test_a_field_is_what_it_was_fitted_to() -> None:
    random = np.random.default_rng(0)
    points, linear = random.normal(size=(30, 3)), random.normal(size=(3, 3))
    field = fitted_field(points, 2.0 + points @ linear, np.ones(30))
    np.testing.assert_allclose(field.at(points), 2.0 + points @ linear, atol=0.02)


def test_a_part_is_carried_as_the_flesh_around_it_moves() -> None:
    head = _with_part((0.0, 0.0, 0.0))
    offsets = np.zeros((1, 19, 3))
    offsets[:, :8] = [0.0, 0.5, 0.0]
    step = carried(head, PART, np.arange(8), offsets)
    np.testing.assert_allclose(step, [[[0.0, 0.5, 0.0]] * 3], atol=1e-9)


def test_a_part_gives_way_backwards_only() -> None:
    tooth = np.array([[-0.1, 0.0, 0.8], [0.1, 0.0, 0.8], [0.0, 0.1, 0.8]])
    head = np.concatenate([CUBE, tooth])
    other = part_of(np.array([[8, 9, 10]]))
    back = give_way([head], part_of(TRIANGLES), sheet(TRIANGLES), other, 0.1)
    np.testing.assert_allclose(back, [0, 0, -0.3], atol=1e-9)
