"""One or two looks, and what stays frozen."""

import torch

from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.network.landmark_map import blank_map
from dasl.training.learner import Learner


def learner(**settings: bool) -> Learner:
    torch.manual_seed(0)
    network = CoefficientNetwork(NetworkConfig(3, 2))
    options = dict.fromkeys(
        ("second_pass", "direct_landmarks", "bfloat16", "frozen_batch_norm"), False
    )
    points = torch.full((2, 18, 2), 60.0)
    return Learner(network, lambda raw: points, **(options | settings))


IMAGES = torch.rand(2, 3, 120, 120) * 255
MAPS = blank_map(IMAGES)


def test_one_look_is_the_networks_answer() -> None:
    actual = learner().eval()
    passes = actual(IMAGES, MAPS)
    inputs = torch.cat(((IMAGES - 127.5) / 128, MAPS), dim=1)
    torch.testing.assert_close(passes.first, actual.network(inputs))
    assert passes.second is None and passes.direct_crop is None


def test_the_second_look_sees_another_map_and_both_have_gradients() -> None:
    actual = learner(second_pass=True).eval()
    passes = actual(IMAGES, MAPS)
    assert passes.second is not None and not torch.equal(passes.first, passes.second)
    passes.second.sum().backward()
    assert actual.network.regressor.weight.grad is not None


def test_direct_landmarks_start_in_the_middle_of_the_crop() -> None:
    direct = learner(direct_landmarks=True).eval()(IMAGES, MAPS).direct_crop
    assert direct is not None and direct.shape == (2, 68, 2)
    assert (direct - 59.5).abs().max() < 30


def test_frozen_statistics_stay() -> None:
    for frozen in (True, False):
        actual = learner(frozen_batch_norm=frozen).train()
        before = actual.network.grid[1].running_mean.clone()
        actual(IMAGES, MAPS)
        assert torch.equal(actual.network.grid[1].running_mean, before) is frozen


def test_bfloat16_answers_in_float32() -> None:
    assert learner(bfloat16=True).eval()(IMAGES, MAPS).first.dtype == torch.float32
