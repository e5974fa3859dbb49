"""Conversion of a network to another head model's coefficients."""

import copy
import math
from dataclasses import replace

import torch
from torch import nn

from dasl.errors import WeightsError
from dasl.geometry.coefficients import LOG_SCALE
from dasl.head.head_map import HeadMap, map_to
from dasl.network.coefficient_network import CoefficientNetwork

REMEDY = (
    "use weights that were trained with this head, train again, or install the version of dasl "
    "that these weights were made with"
)
NEW_UNIT_STD = 0.03
"""Whitening deviation of an expression that the old head lacks; not 0, so that it can be
learned."""


def network_on_head(network: CoefficientNetwork, head_id: str, name: str) -> CoefficientNetwork:
    """The network itself if it predicts for this head, otherwise a copy mapped to it.

    Args:
        network: any; not changed.
        head_id: of the wanted head.
        name: of the weights, for error messages.

    Raises:
        WeightsError: it is for another head, without a map to this one.
    """
    config = network.config
    if config.head_id == head_id:
        return network
    head_map = map_to(head_id, config.head_id, name, REMEDY)
    counts = (config.identity_count, config.expression_count)
    if counts != head_map.source_counts:
        raise WeightsError(
            f"{name} gives {counts} identity and expression coefficients, but head "
            f"{head_map.source} has {head_map.source_counts}; {REMEDY}"
        )
    return mapped_network(network, head_map)


@torch.no_grad()
def mapped_network(network: CoefficientNetwork, head_map: HeadMap) -> CoefficientNetwork:
    """Copy a network, with the map applied exactly in its last layer and whitening.

    Equation: the old output is m + s * (W f + b); the map gives P (m + s * (W f + b)) + q. The new
    mean is P m + q, and the new deviation is that of P (s * x) for white x. The new last layer has
    weight P s W and bias P s b, both divided by the new deviation.
    """
    mean, std = network.whitening_mean.double(), network.whitening_std.double()
    matrix, shift = head_map.packed(scale=math.exp(float(mean[LOG_SCALE])))
    spread = matrix * std
    new_std = torch.linalg.vector_norm(spread, dim=1)
    new_std = torch.where(new_std > 0, new_std, NEW_UNIT_STD)
    change = spread / new_std[:, None]
    mapped = copy.deepcopy(network)
    identity_count, expression_count = head_map.counts
    mapped.config = replace(
        network.config,
        identity_count=identity_count,
        expression_count=expression_count,
        head_id=head_map.target,
    )
    old = network.regressor
    with torch.random.fork_rng(devices=[]):
        mapped.regressor = nn.Linear(old.in_features, len(matrix))
    mapped.regressor.weight.copy_(change @ old.weight.double())
    mapped.regressor.bias.copy_(change @ old.bias.double())
    mapped.whitening_mean = (matrix @ mean + shift).to(network.whitening_mean)
    mapped.whitening_std = new_std.to(network.whitening_std)
    return mapped.train(network.training)
