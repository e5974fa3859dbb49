"""What formulas give for NumPy arrays is what they give for tensors, and gradients are theirs."""

from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any

import numpy as np
import pytest
import torch

from dasl.arrays import array_namespace
from dasl.geometry.coefficients import Coefficients, Pose, Whitening, decode, encode
from dasl.geometry.frames import crop_from_image, image_from_crop, image_from_model
from dasl.geometry.rotation import euler_deg_from_rotation, rotation_from_euler_deg
from dasl.geometry.similarity import Similarity, transform_points, transform_pose, warp_images
from dasl.geometry.weak_perspective import weak_perspective_pose

COUNT, IDENTITY, EXPRESSION = 3, 4, 2
Inputs = dict[str, torch.Tensor]


def _inputs(dtype: torch.dtype) -> Inputs:
    """Of three faces, in crop pixels."""
    random = torch.Generator().manual_seed(2)
    drawn = {
        "raw": torch.randn(COUNT, 9 + IDENTITY + EXPRESSION, generator=random),
        "angles": 40 * torch.randn(COUNT, 3, generator=random),
        "points": 0.1 * torch.randn(COUNT, 12, 3, generator=random),
        "scale": 400 + 40 * torch.rand(COUNT, generator=random),
        "shift": 10 * torch.randn(COUNT, 2, generator=random),
        "turn": torch.randn(COUNT, generator=random),
        "zoom": 0.7 + torch.rand(COUNT, generator=random),
    }
    return {name: values.to(dtype) for name, values in drawn.items()}


def _pose(given: dict[str, Any]) -> Pose:
    return Pose(rotation_from_euler_deg(given["angles"]), given["scale"], given["shift"] + 60)


def _similarity(given: dict[str, Any]) -> Similarity:
    return Similarity(given["turn"] > 0, given["turn"], given["zoom"], given["shift"])


def _decoded(given: dict[str, Any]) -> Coefficients:
    return decode(given["raw"], Whitening(0 * given["raw"][0] + 0.3, 0 * given["raw"][0] + 0.5), 4)


def _encoded(given: dict[str, Any]) -> Any:
    plain = Whitening(0 * given["raw"][0], 0 * given["raw"][0] + 2)
    return encode(_decoded(given), plain)


def _on_crop(given: dict[str, Any]) -> Any:
    boxes = _boxes(given)
    return crop_from_image(2 * image_from_crop(1000 * given["points"], boxes), boxes)


def _boxes(given: dict[str, Any]) -> Any:
    """Square, as wide as `scale`."""
    xp = array_namespace(given["shift"])
    return xp.concat([given["shift"], given["shift"] + given["scale"][:, None]], axis=1)


FORMULAS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "decode": _decoded,
    "encode": _encoded,
    "angles": lambda given: euler_deg_from_rotation(rotation_from_euler_deg(given["angles"])),
    "projection": lambda given: image_from_model(given["points"], _pose(given)),
    "points": lambda given: transform_points(1000 * given["points"], _similarity(given)),
    "pose": lambda given: transform_pose(_pose(given), _similarity(given)),
    "fit": lambda given: weak_perspective_pose(
        given["points"],
        image_from_model(given["points"], _pose(given)) + 30 * given["points"] ** 2,
        given["points"][..., 0] ** 2 + 0.1,
    ),
}


def _numbers(result: Any) -> list[Any]:
    """The arrays of a result, nested or alone."""
    if not is_dataclass(result):
        return [result]
    parts = [getattr(result, name) for name in result.__dataclass_fields__]
    return [array for part in parts for array in _numbers(part)]


@pytest.mark.parametrize("name", FORMULAS)
def test_numpy_gives_what_torch_gives(name: str) -> None:
    given = _inputs(torch.float32)
    in_torch = _numbers(FORMULAS[name](given))
    in_numpy = _numbers(FORMULAS[name]({key: each.numpy() for key, each in given.items()}))
    for ours, theirs in zip(in_numpy, in_torch, strict=True):
        assert isinstance(ours, np.ndarray) and ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-4, atol=2e-4)


@pytest.mark.parametrize("name", FORMULAS)
def test_gradients_are_those_of_the_formula(name: str) -> None:
    given = _inputs(torch.float64)
    leaves = [values.requires_grad_() for values in given.values()]

    def differentiated(*values: torch.Tensor) -> list[torch.Tensor]:
        return _numbers(FORMULAS[name](dict(zip(given, values, strict=True))))

    assert torch.autograd.gradcheck(differentiated, leaves, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("black", [None, [True, False, True]])
def test_crops_are_resampled_alike(black: list[bool] | None) -> None:
    given = _inputs(torch.float32)
    images = 255 * torch.rand(COUNT, 3, 120, 120, generator=torch.Generator().manual_seed(3))
    border = None if black is None else torch.tensor(black)
    in_torch = warp_images(images, _similarity(given), border)
    arrays = {name: values.numpy() for name, values in given.items()}
    border = None if border is None else border.numpy()
    in_numpy = warp_images(images.numpy(), _similarity(arrays), border)
    # on noise, whose neighbouring pixels differ by up to 255
    apart = np.abs(in_numpy - in_torch.numpy())
    assert np.quantile(apart, 0.999) < 0.02 and apart.mean() < 1e-3
