from pathlib import Path

import pytest
import torch

from dasl.errors import WeightsError
from dasl.network.resnet import ResNet50, imagenet_state


def test_trunk_divides_the_size_by_32() -> None:
    features = ResNet50(4).eval()(torch.zeros(1, 4, 120, 120))
    assert features.shape == (1, 2048, 4, 4)


def test_trunk_has_the_published_number_of_parameters() -> None:
    # torchvision: 25,557,032 with the classifier of 2,049,000.
    assert sum(p.numel() for p in ResNet50(3).parameters()) == 25_557_032 - 2_049_000


def test_names_are_those_of_torchvision() -> None:
    names = set(ResNet50(3).state_dict())
    assert {"conv1.weight", "bn1.running_var", "layer1.0.downsample.0.weight"} <= names
    assert "layer4.2.bn3.bias" in names


def test_state_comes_without_the_classifier(tmp_path: Path) -> None:
    path = tmp_path / "resnet50.pth"
    torch.save({"conv1.weight": torch.zeros(1), "fc.bias": torch.zeros(1)}, path)
    assert set(imagenet_state(path)) == {"conv1.weight"}


@pytest.mark.parametrize("content", [b"", b"not a state dict"])
def test_unreadable_state_names_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "resnet50.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"resnet50\.pth"):
        imagenet_state(path)


def test_pickled_code_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "resnet50.pth"
    torch.save({"conv1.weight": print}, path)
    with pytest.raises(WeightsError, match="cannot read"):
        imagenet_state(path)
