"""RetinaFace's output, by hand."""

import numpy as np

from dasl.photo.anchors import anchors_of, without_overlaps


def test_anchors_follow_the_grid_row_by_row_with_both_sizes_at_each_place() -> None:
    anchors = anchors_of(20, 40)
    # Strides 8, 16 and 32 over 40x20: 5x3, 3x2 and 2x1 cells of two sizes.
    assert anchors.shape == (2 * (15 + 6 + 2), 3)
    np.testing.assert_array_equal(anchors[:3], [[4, 4, 16], [4, 4, 32], [12, 4, 16]])
    np.testing.assert_array_equal(anchors[10], [4, 12, 16])
    np.testing.assert_array_equal(anchors[-1], [48, 16, 512])


def test_overlapping_boxes_leave_the_best_one() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 2, 10, 12], [0, 6, 10, 16], [50, 0, 60, 10]], float)
    # The second shares 80 of 120 with the first, the third 40 of 160: above and below 0.4.
    scores = np.array([0.95, 0.99, 0.92, 0.91], np.float32)
    # Best first: the second; it shares 60 of 140 (0.43) with the third, which goes as well.
    assert without_overlaps(boxes, scores) == [1, 3]
    assert without_overlaps(boxes[[0, 2, 3]], scores[[0, 2, 3]]) == [0, 1, 2]
    assert without_overlaps(boxes[:0], scores[:0]) == []
