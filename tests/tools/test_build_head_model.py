"""The embedded head is what its script builds."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors import safe_open

from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from dasl.head.versions import HEAD_ID_KEY
from tools import build_head_model
from tools.build_head_model import build, main, reference_head
from tools.head_model.source import BaseMesh

pytestmark = pytest.mark.long

Stored = tuple[dict[str, NDArray], dict[str, str]]
# One unit in the last place of a float16, relative; and its smallest step near zero.
HALF_STEP, HALF_TINY = 2.0**-10, 2.0**-24


@pytest.fixture(scope="module")
def rebuilt(base_mesh: BaseMesh, scan_root: Path) -> Stored:
    """The whole build with all its random heads: a minute or two."""
    return build(scan_root)


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


def test_two_builds_are_equal(
    base_mesh: BaseMesh, scan_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.head_model.mouth.ROOM_HEADS", 1)
    monkeypatch.setattr("tools.head_model.room.ROUNDS", 2)
    first, second = (build(scan_root, samples=200)[0] for _ in range(2))
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)


def test_the_command_writes_a_head_that_loads(
    committed: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def remember(root: Path, samples: int) -> Stored:
        asked.append((root, samples))
        return committed

    monkeypatch.setattr(build_head_model, "build", remember)
    path = tmp_path / "new folder" / "head.safetensors"
    assert main(["--root", "data", "--output", str(path), "--samples", "123"]) == 0
    assert asked == [(Path("data"), 123)]
    with safe_open(path, framework="np") as file:
        assert file.metadata()[HEAD_ID_KEY] == MorphableModel.load(path).head_id
    assert MorphableModel.load(path).identity_count == 150


def test_places_are_read_from_the_first_heads_mean(committed: Stored) -> None:
    np.testing.assert_array_equal(
        committed[0]["reference_vertices"], reference_head().astype(np.float32)
    )


def test_the_licences_travel_with_the_file(committed: Stored) -> None:
    assert "CC0" in committed[1]["licence"]
    assert "ICT-FaceKit" in committed[1]["licence"]


def test_the_head_file_has_at_most_8_megabytes() -> None:
    assert EMBEDDED_HEAD.stat().st_size < 8e6
