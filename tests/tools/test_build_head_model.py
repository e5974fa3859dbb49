"""The embedded head is what its script builds."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors import safe_open

from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from dasl.head.versions import HEAD_ID_KEY
from tools import build_head_model
from tools.build_head_model import CALIBRATION_FILE, build, main
from tools.head_model.source import BaseMesh

pytestmark = pytest.mark.long

Stored = tuple[dict[str, NDArray], dict[str, str]]
# One unit in the last place of a float16, relative; and its smallest step near zero.
HALF_STEP, HALF_TINY = 2.0**-10, 2.0**-24


@pytest.fixture(scope="module")
def rebuilt(base_mesh: BaseMesh) -> Stored:
    """The whole build with its 6,000 heads: one or two minutes."""
    return build()


@pytest.fixture(scope="module")
def committed() -> Stored:
    with safe_open(EMBEDDED_HEAD, framework="np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        metadata = {k: v for k, v in file.metadata().items() if k != HEAD_ID_KEY}
        return tensors, metadata


def test_a_rebuild_has_the_same_tensors_and_names(rebuilt: Stored, committed: Stored) -> None:
    assert rebuilt[1] == committed[1]
    described = [
        {name: (value.dtype, value.shape) for name, value in tensors.items()}
        for tensors, _ in (rebuilt, committed)
    ]
    assert described[0] == described[1]


def test_a_rebuild_equals_the_embedded_head_within_float16_rounding(
    rebuilt: Stored, committed: Stored
) -> None:
    for name, value in rebuilt[0].items():
        wanted = committed[0][name]
        if np.issubdtype(value.dtype, np.integer):
            np.testing.assert_array_equal(value, wanted, err_msg=name)
        elif value.dtype == np.float16:
            np.testing.assert_allclose(
                value.astype(np.float64),
                wanted.astype(np.float64),
                rtol=HALF_STEP,
                atol=HALF_TINY,
                err_msg=name,
            )
        else:
            np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=1e-7, err_msg=name)


def test_the_command_writes_a_head_that_loads(
    committed: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def remember(samples: int) -> Stored:
        asked.append(samples)
        return committed

    monkeypatch.setattr(build_head_model, "build", remember)
    path = tmp_path / "new folder" / "head.safetensors"
    assert main(["--output", str(path), "--samples", "123"]) == 0
    assert asked == [123]
    with safe_open(path, framework="np") as file:
        assert file.metadata()[HEAD_ID_KEY] == MorphableModel.load(path).head_id
    assert MorphableModel.load(path).identity_count == 100


def test_the_calibration_is_one_shift_and_one_factor_a_component(committed: Stored) -> None:
    numbers = json.loads(CALIBRATION_FILE.read_text())
    shift, factor = np.array(numbers["shift_sd"]), np.array(numbers["factor"])
    assert shift.shape == factor.shape == committed[0]["identity_mirror_sign"].shape
    assert ((factor >= 0.5) & (factor <= 2.0)).all()
    # A population has no left/right bias.
    assert (shift[committed[0]["identity_mirror_sign"] < 0] == 0).all()


def test_the_licence_travels_with_the_file(committed: Stored) -> None:
    assert "CC0" in committed[1]["licence"]
