"""The network's two looks at a crop."""

import torch

from dasl.coefficients import Coefficients, Pose, rotation_from_euler_deg
from dasl.landmark_map import BLANK
from dasl.morphable_model import MorphableModel
from dasl.passes import GivenPoints, landmarks_crop, mean_of, mirrored, two_passes
from dasl.training.augment import MIRROR_68


def turned_face(model: MorphableModel, seed: int = 0) -> Coefficients:
    generator = torch.Generator().manual_seed(seed)
    return Coefficients(
        pose=Pose(
            rotation=rotation_from_euler_deg(torch.tensor([[30.0, -10.0, 20.0]])),
            scale=torch.tensor([480.0]),
            translation=torch.tensor([[55.0, 66.0]]),
        ),
        identity=torch.randn(1, model.identity_count, generator=generator),
        expression=torch.rand(1, model.expression_count, generator=generator) * 0.3,
    )


def test_a_mirrored_face_has_mirrored_landmarks(head_model: MorphableModel) -> None:
    face = turned_face(head_model)
    points = landmarks_crop(face, head_model)[0]
    seen = landmarks_crop(mirrored(face, head_model, 120), head_model)[0][list(MIRROR_68)]
    seen = torch.stack([119 - seen[:, 0], seen[:, 1], seen[:, 2]], dim=1)
    assert (seen - points).norm(dim=1).max() < 0.3  # points of the middle lie on one side of it


def test_mirroring_twice_changes_nothing(head_model: MorphableModel) -> None:
    face = turned_face(head_model)
    again = mirrored(mirrored(face, head_model, 120), head_model, 120)
    torch.testing.assert_close(again.pose.rotation, face.pose.rotation)
    torch.testing.assert_close(again.pose.translation, face.pose.translation)
    torch.testing.assert_close(again.identity, face.identity)
    torch.testing.assert_close(again.expression, face.expression)


def test_the_mean_of_two_poses_is_half_way() -> None:
    def at(yaw_deg: float, scale: float) -> Coefficients:
        rotation = rotation_from_euler_deg(torch.tensor([[yaw_deg, 0.0, 0.0]]))
        pose = Pose(rotation, torch.tensor([scale]), torch.tensor([[yaw_deg, 0.0]]))
        return Coefficients(pose, torch.zeros(1, 2), torch.zeros(1, 1))

    mean = mean_of(at(10.0, 100.0), at(30.0, 400.0))
    expected = rotation_from_euler_deg(torch.tensor([[20.0, 0.0, 0.0]]))
    torch.testing.assert_close(mean.pose.rotation, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(mean.pose.scale, torch.tensor([200.0]))
    torch.testing.assert_close(mean.pose.translation, torch.tensor([[20.0, 0.0]]))


def test_the_second_pass_looks_in_a_mirror_and_straight_with_landmarks_drawn(
    head_model: MorphableModel,
) -> None:
    face = turned_face(head_model)
    images = torch.arange(120.0).expand(1, 3, 120, 120)
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def predict(pictures: torch.Tensor, maps: torch.Tensor) -> Coefficients:
        seen.append((pictures, maps))
        return mirrored(face, head_model, 120) if len(seen) == 2 else face

    found = two_passes(predict, images, head_model)
    (_, first_map), (second_image, second_map), (third_image, third_map) = seen
    assert bool((first_map == BLANK).all())
    assert torch.equal(second_image, images.flip(-1))
    nose_tip = landmarks_crop(face, head_model)[0, 30]
    column, row = round(119 - nose_tip[0].item()), round(nose_tip[1].item())
    assert second_map[0, 0, row, column] > 0.5
    assert torch.equal(third_image, images)
    torch.testing.assert_close(third_map, second_map.flip(-1), atol=1e-3, rtol=0)
    torch.testing.assert_close(found.result.pose.rotation, face.pose.rotation)


def test_the_result_is_the_mean_of_the_two_looks_with_landmarks(head_model: MorphableModel) -> None:
    answers = [turned_face(head_model, seed) for seed in range(3)]
    shown = iter([answers[0], mirrored(answers[1], head_model, 120), answers[2]])
    found = two_passes(lambda *_: next(shown), torch.zeros(1, 3, 120, 120), head_model)
    wanted = (answers[1].identity + answers[2].identity) / 2
    torch.testing.assert_close(found.result.identity, wanted)
    torch.testing.assert_close(found.in_mirror.identity, answers[1].identity)
    assert found.first is answers[0]


def test_faces_without_given_points_have_their_own_drawn(head_model: MorphableModel) -> None:
    face = turned_face(head_model)
    two = Coefficients(
        Pose(*(t.repeat(2, *[1] * (t.ndim - 1)) for t in vars(face.pose).values())),
        face.identity.repeat(2, 1),
        face.expression.repeat(2, 1),
    )
    maps: list[torch.Tensor] = []

    def predict(pictures: torch.Tensor, drawn: torch.Tensor) -> Coefficients:
        maps.append(drawn)
        return two

    drawn = torch.tensor([[True] * 18, [False] * 18])
    given = GivenPoints(torch.full((2, 18, 2), 10.0), drawn)
    two_passes(predict, torch.zeros(2, 3, 120, 120), head_model, given)
    first, second, third = maps
    assert torch.equal(third[0], first[0])
    assert first[0, 0, 10, 10] == 1.0
    assert bool((first[1] == BLANK).all())
    assert second[0, 0, 10, 109] == 1.0
    assert second[1, 0, 10, 109] < 0
    assert bool((second[1] > 0).any())
