"""The fit of the map between two heads, and the tool that writes its file."""

from pathlib import Path

import pytest
import torch

from dasl.errors import ConfigError
from dasl.head.head_map import NO_UNIT
from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from dasl.head.versions import HEAD_1
from tests.dasl.tiny_model import tiny_model
from tests.dasl.two_heads import NEW_UNIT, two_heads
from tools.head_model.mapping import fit_head_map, residual_mm
from tools.map_heads import main


@pytest.fixture(scope="module")
def heads() -> tuple[MorphableModel, MorphableModel]:
    return two_heads()


def test_the_residual_is_what_other_people_show(heads: tuple[MorphableModel, ...]) -> None:
    old, new = heads
    head_map = fit_head_map(old, new)
    again = residual_mm(head_map, old, new, seed=9)
    assert again[0] == pytest.approx(head_map.residual_mean_mm, rel=0.05)
    assert again[1] == pytest.approx(head_map.residual_worst_mm, rel=0.5)
    random = torch.Generator().manual_seed(5)
    people = torch.randn(100, old.identity_count, generator=random, dtype=torch.float64)
    wanted = head_map.size * torch.tensordot(people, torch.from_numpy(old.identity_basis), dims=1)
    found = torch.tensordot(
        people @ head_map.identity.T, torch.from_numpy(new.identity_basis), dims=1
    )
    apart = (found - wanted)[:, old.region("face")].norm(dim=-1) * 1000
    assert float(apart.mean()) == pytest.approx(head_map.residual_mean_mm, rel=0.1)


def test_what_both_heads_can_show_is_kept_and_only_the_rest_is_lost(
    heads: tuple[MorphableModel, ...],
) -> None:
    old, new = heads
    whole = fit_head_map(old, old)
    assert whole.size == pytest.approx(1.0)
    assert whole.residual_mean_mm < 0.2
    assert 0 < fit_head_map(old, new).residual_mean_mm < 0.5


def test_units_are_found_by_name(heads: tuple[MorphableModel, ...]) -> None:
    old, new = heads
    source = fit_head_map(old, new).expression_source
    assert new.expression_names[0] == NEW_UNIT
    assert source.tolist() == [NO_UNIT, *range(old.expression_count)]
    with pytest.raises(ConfigError, match=NEW_UNIT):
        fit_head_map(new, old)


def test_heads_of_other_vertices_are_refused(heads: tuple[MorphableModel, ...]) -> None:
    with pytest.raises(ConfigError, match="same vertices"):
        fit_head_map(tiny_model(), heads[1])


def test_the_tool_wants_head_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "map.safetensors"
    assert main([str(EMBEDDED_HEAD), "--output", str(output)]) == 1
    said = capsys.readouterr().err
    assert f"wanted head 1, {HEAD_1}" in said or "needs no map" in said
    assert not output.exists()
