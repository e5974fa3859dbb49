"""Which runs the ablation has, and what each switches off."""

from pathlib import Path

import pytest

from dasl.ablation.cells import SCHEDULES, Cell, all_cells, cell_config, cells_named
from dasl.errors import ConfigError
from dasl.training.config import TrainConfig, load_config

BASE = load_config(Path(__file__).parents[3] / "configs/ablation.yaml")
CPU = SCHEDULES["cpu"]


def config(method: str, mask: bool | None, budget: int = 20) -> TrainConfig:
    return cell_config(BASE, Cell(method, mask, budget, 1), CPU, Path("out"))


def test_there_are_all_variants_of_the_table_and_of_the_curve_once_a_seed() -> None:
    cells = all_cells(3)
    assert len({cell.name for cell in cells}) == len(cells) == 3 * (8 + 4)
    first = {cell.variant for cell in cells if cell.seed == 0 and cell.budget == 20}
    assert first == {
        "supervised_20",
        "supervised+map_20",
        *(f"{m}_{k}_20" for m in ("cyc", "sc", "cyc+sc") for k in ("mask", "even")),
    }


def test_each_method_has_its_own_terms() -> None:
    on = {
        method: {
            name
            for name in ("consistency_2d", "consistency_3d", "cycle", "self_critic")
            if getattr(config(method, mask).loss, name) > 0
        }
        for method, mask in (("supervised", None), ("cyc", True), ("sc", True), ("cyc+sc", True))
    }
    assert on == {
        "supervised": set(),
        "cyc": {"consistency_2d", "consistency_3d", "cycle"},
        "sc": {"consistency_2d", "self_critic"},
        "cyc+sc": {"consistency_2d", "consistency_3d", "cycle", "self_critic"},
    }


def test_sc_takes_rgb_alone() -> None:
    given = {m: config(m, True).landmark_map.given for m in ("cyc", "sc", "cyc+sc")}
    assert given == {"cyc": 1.0, "sc": 0.0, "cyc+sc": 1.0}


def test_the_mask_is_all_that_changes_between_its_two_cells() -> None:
    masked, even = config("cyc", True), config("cyc", False)
    assert masked.loss.central_mask and not even.loss.central_mask
    assert masked.run == even.run and masked.landmark_map == even.landmark_map


def test_every_method_sees_as_many_annotated_faces_a_step() -> None:
    for method, mask in (("supervised", None), ("cyc+sc", True)):
        actual = config(method, mask)
        assert actual.data.annotated_share is not None
        assert actual.data.annotated_share * actual.run.batch_size == CPU.annotated_batch
    everyone = config("cyc+sc", True, budget=100)
    assert everyone.data.annotated_share == 1.0
    assert everyone.critic.fake_photos == "annotated"


def test_an_unknown_cell_is_named_with_those_there_are() -> None:
    assert [c.name for c in cells_named(["sc_mask_20_seed0"], 1)] == ["sc_mask_20_seed0"]
    with pytest.raises(ConfigError, match="no cell 'best'; there are supervised_20_seed0"):
        cells_named(["best"], 1)
