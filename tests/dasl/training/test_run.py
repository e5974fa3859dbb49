"""What a run starts from."""

import copy

import torch

from dasl.network import CoefficientNetwork
from dasl.training.run import scale_map_channel


def test_only_the_maps_channel_is_scaled(constant_network: CoefficientNetwork) -> None:
    network = copy.deepcopy(constant_network)
    torch.nn.init.ones_(network.backbone.stem[0].weight)
    scale_map_channel(network, 6.0)
    weight = network.backbone.stem[0].weight
    assert bool((weight[:, :3] == 1.0).all())
    assert bool((weight[:, 3] == 6.0).all())
