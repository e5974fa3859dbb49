"""One prediction against one scan: known deformations must give their known errors."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from eval.benchmarks.florence.reconstruction import SCORES, Choices, Prediction, compare
from eval.benchmarks.florence.views import View
from eval.errors import ArrayError
from tests.eval.florence_files import Head, as_subject, invented_head, landmarks68

Floats = NDArray[np.float64]
TO_SURFACE = Choices(distance="surface")


def predicted(head: Head, view: View, vertices: Floats | None = None) -> Prediction:
    """The head's own points, or other vertices in the scan's millimetres."""
    points = head.scan.vertices if vertices is None else vertices
    image = view.image_from_scan(points)
    return Prediction(image, landmarks68(head, view), head.scan.triangles)


def errors(head: Head, view: View, prediction: Prediction, choices: Choices) -> dict[str, float]:
    found = compare(prediction, as_subject(head), view, choices)
    return dict(zip(SCORES, found.errors, strict=True))


def turned(head: Head, view: View, degrees: float, scale: float = 1.0) -> Prediction:
    """A perfect prediction turned in the view about its own middle, and scaled."""
    given = predicted(head, view)
    rotation = Rotation.from_euler("y", degrees, degrees=True)
    middle = given.vertices.mean(axis=0)
    vertices, points = (
        scale * rotation.apply(part - middle) + middle for part in (given.vertices, given.landmarks)
    )
    return replace(given, vertices=vertices, landmarks=points)


@pytest.mark.parametrize("distance", ["vertex", "surface"])
def test_a_perfect_prediction_scores_zero(head: Head, view: View, distance: str) -> None:
    choices = TO_SURFACE if distance == "surface" else Choices()
    for error in errors(head, view, predicted(head, view), choices).values():
        assert error == pytest.approx(0.0, abs=1e-9)


def test_a_wave_on_the_skin_is_found_with_its_known_error(head: Head, view: View) -> None:
    # 1 mm up and down along the normals, every 20 mm: |sin| averages 2 / pi, whatever the pose.
    wave = np.sin(2 * np.pi * head.scan.vertices[:, 0] / 20.0)
    deformed = head.scan.vertices + wave[:, None] * head.normals
    expected = 2 / np.pi / head.landmarks.interocular_mm
    found = errors(head, view, predicted(head, view, deformed), TO_SURFACE)
    for name, error in found.items():
        # The way back leaves the farthest tenth out.
        wanted = expected * (0.87 if name == "icp-back" else 1.0)
        assert error == pytest.approx(wanted, rel=0.08)


def test_swollen_skin_is_found_by_landmarks_and_flattered_by_icp(head: Head, view: View) -> None:
    # Everything 2 mm outward: ICP pushes the face back and hides a part of it.
    swollen = predicted(head, view, head.scan.vertices + 2.0 * head.normals)
    found = errors(head, view, swollen, TO_SURFACE)
    assert found["landmarks"] == pytest.approx(2.0 / head.landmarks.interocular_mm, rel=0.02)
    assert found["icp"] < 0.6 * found["landmarks"]
    assert found["icp"] == pytest.approx(found["landmark-icp"], rel=0.01)


def test_depth_has_no_offset_of_its_own(head: Head, view: View) -> None:
    vertices = head.scan.vertices + head.normals
    near = predicted(head, view, vertices)
    away = np.array([0.0, 0.0, 500.0])
    far = replace(near, vertices=near.vertices + away, landmarks=near.landmarks + away)
    ours, theirs = (errors(head, view, part, Choices()) for part in (near, far))
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_a_wrong_pose_is_taken_out_by_alignment(head: Head, view: View) -> None:
    for error in errors(head, view, turned(head, view, 12.0), Choices()).values():
        assert error < 1e-3


def test_from_a_very_wrong_pose_only_landmarks_find_home(head: Head, view: View) -> None:
    found = errors(head, view, turned(head, view, 100.0), Choices())
    assert found["icp"] > 0.02
    assert found["landmark-icp"] < 1e-4 and found["landmarks"] < 1e-4


def test_scale_is_only_fitted_where_asked_for(head: Head, view: View) -> None:
    large = turned(head, view, 0.0, scale=1.2)
    assert max(errors(head, view, large, Choices(scale="fit")).values()) < 1e-3
    found = errors(head, view, large, Choices(scale="none"))
    assert min(found[name] for name in SCORES if name != "icp-back") > 0.02


def test_the_predicted_eye_distance_divides_where_asked_for(head: Head, view: View) -> None:
    large = turned(head, view, 0.0, scale=1.2)
    ours = errors(head, view, large, Choices(interocular="scan"))
    theirs = errors(head, view, large, Choices(interocular="predicted"))
    for name in SCORES:
        assert theirs[name] == pytest.approx(ours[name] / 1.2)


def test_the_aligned_prediction_gives_the_eye_distance_where_scale_is_fitted(
    head: Head, view: View
) -> None:
    swollen = predicted(head, view, head.scan.vertices + head.normals)
    scan, own = (
        errors(head, view, swollen, Choices(scale="fit", interocular=source))
        for source in ("scan", "predicted")
    )
    assert own["landmarks"] == pytest.approx(scan["landmarks"])  # fitted to the very same eyes
    assert own["icp"] > scan["icp"]  # shrunk onto the scan


def test_a_coarse_mesh_is_charged_for_its_gaps_unless_its_surface_is_measured(
    head: Head, view: View
) -> None:
    coarse = invented_head(rows=40)
    prediction = Prediction(
        view.image_from_scan(coarse.scan.vertices), landmarks68(head, view), coarse.scan.triangles
    )
    to_vertex = errors(head, view, prediction, Choices())
    to_surface = errors(head, view, prediction, TO_SURFACE)
    for name in ("icp", "landmark-icp", "landmarks"):
        assert to_vertex[name] > 0.02 > 0.003 > to_surface[name]


def test_a_mirrored_face_scores_worse(view: View, head: Head) -> None:
    lopsided = head.scan.vertices + 4.0 * (head.scan.vertices[:, :1] > 10) * head.normals
    truth = replace(head, scan=replace(head.scan, vertices=lopsided))
    mirrored = predicted(truth, view, lopsided * [-1.0, 1.0, 1.0])
    found = compare(mirrored, as_subject(truth), view, Choices()).errors
    assert min(found) > 0.004


def test_trimming_shields_alignment_from_a_missing_part(head: Head, view: View) -> None:
    kept = head.scan.vertices[:, 1] > np.quantile(as_subject(head).face_points[:, 1], 0.3)
    given = predicted(head, view)
    chinless = replace(given, triangles=given.triangles[kept[given.triangles].all(axis=1)])
    best = errors(head, view, chinless, Choices())["landmarks"]  # this fit is exact
    trimmed = errors(head, view, chinless, Choices(overlap=0.6))["icp"]
    assert trimmed == pytest.approx(best, rel=1e-3)
    assert errors(head, view, chinless, Choices())["icp"] != pytest.approx(best, rel=1e-3)


def test_inputs_are_not_changed(head: Head, view: View) -> None:
    given = predicted(head, view)
    before = given.vertices.copy(), given.landmarks.copy()
    compare(given, as_subject(head), view, Choices(scale="fit"))
    np.testing.assert_array_equal(given.vertices, before[0])
    np.testing.assert_array_equal(given.landmarks, before[1])


def test_landmarks_in_one_place_are_refused(head: Head, view: View) -> None:
    given = predicted(head, view)
    with pytest.raises(ArrayError, match="on one line"):
        compare(replace(given, landmarks=np.zeros((68, 3))), as_subject(head), view, Choices())


def test_vertices_in_one_place_score_badly_and_raise_nothing(head: Head, view: View) -> None:
    given = predicted(head, view)
    collapsed = replace(given, vertices=np.full_like(given.vertices, 300.0))
    found = compare(collapsed, as_subject(head), view, Choices(scale="fit"))
    assert min(found.errors[:4]) > 0.3  # the way back from one point to a scan is short


def test_a_mesh_without_triangles_is_refused(head: Head, view: View) -> None:
    bare = replace(predicted(head, view), triangles=np.empty((0, 3), np.int64))
    with pytest.raises(ArrayError, match="no triangles"):
        compare(bare, as_subject(head), view, TO_SURFACE)


def test_vertices_of_no_triangle_do_not_count(head: Head, view: View) -> None:
    coarse = invented_head(rows=40)
    image = view.image_from_scan(np.concatenate([coarse.scan.vertices, head.scan.vertices]))
    given = Prediction(image, landmarks68(head, view), coarse.scan.triangles)
    alone = replace(given, vertices=image[: len(coarse.scan.vertices)])
    assert errors(head, view, given, Choices()) == errors(head, view, alone, Choices())


def test_triangles_without_area_lose_on_the_way_back(head: Head, view: View) -> None:
    wave = 6.0 * np.sin(head.scan.vertices[:, :1] / 9.0) * head.normals
    wrong, truth = head.scan.vertices + wave, as_subject(head).face_points
    low, high = truth.min(axis=0), truth.max(axis=0)
    cloud = np.random.default_rng(0).uniform(low, high, size=(40_000, 3))
    points = np.repeat(len(wrong) + np.arange(len(cloud))[:, None], 3, axis=1)
    given = predicted(head, view, np.concatenate([wrong, cloud]))
    cheat = replace(given, triangles=np.concatenate([given.triangles, points]))
    alone = errors(head, view, predicted(head, view, wrong), Choices())
    found = errors(head, view, cheat, Choices())
    assert found["icp"] < 0.6 * alone["icp"]
    assert alone["icp-back"] < 1.5 * alone["icp"] + 0.005
    assert found["icp-back"] > 1.5 * found["icp"] + 0.005


def test_layers_of_another_face_gain_there_and_lose_on_the_way_back(head: Head, view: View) -> None:
    other, layers = invented_head(seed=3), (-4.0, -2.0, 0.0, 2.0, 4.0)
    vertices = np.concatenate([other.scan.vertices + k * other.normals for k in layers])
    count = len(other.scan.vertices)
    triangles = np.concatenate([other.scan.triangles + k * count for k in range(len(layers))])
    one = errors(head, view, predicted(head, view, other.scan.vertices), TO_SURFACE)
    many = errors(
        head,
        view,
        replace(predicted(head, view, vertices), triangles=triangles),
        TO_SURFACE,
    )
    assert many["icp"] < 0.75 * one["icp"]
    assert one["icp-back"] < 1.5 * one["icp"]
    assert many["icp-back"] > 1.5 * many["icp"] + 0.005 and many["icp-back"] > 2 * one["icp-back"]


def test_a_face_that_slides_along_itself_is_found_by_bending(head: Head, view: View) -> None:
    # An egg of revolution turned about its axis stays an egg: only its features have moved.
    slid = head.scan.vertices + 5.0 * np.cross(head.normals, [0.0, 1.0, 0.0])
    found = errors(head, view, predicted(head, view, slid), TO_SURFACE)
    assert found["non-rigid"] > found["icp"]
