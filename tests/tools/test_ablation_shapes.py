"""Shape errors of the ablation's runs, end to end on the data beside the project."""

from pathlib import Path

import pytest

from dasl.ablation.cells import Cell
from dasl.ablation.runner import result_path, weights_of
from dasl.ablation.shapes import below_mean_head, load_shapes
from dasl.weights.folder import EMBEDDED_FOLDER
from tools.ablation_shapes import main

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not EMBEDDED_FOLDER.is_dir(), reason="dasl/assets/lite0 is missing"),
]


def test_a_complete_run_is_measured_once_and_only_if_its_weights_are_there(
    data_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("scan_shapes", "portraits"):
        if not (data_root / name).is_dir():
            pytest.skip(f"{data_root} has no {name}/")
    cell, stopped = (Cell("supervised", None, 20, seed) for seed in (0, 1))
    for one in (cell, stopped):
        run = weights_of(tmp_path, one)
        run.parent.mkdir(parents=True)
        run.symlink_to(EMBEDDED_FOLDER)
    result = result_path(tmp_path, cell)
    result.parent.mkdir()
    result.write_text("{}")
    asked = ["--root", str(data_root), "--folder", str(tmp_path), "--people", "3"]
    assert main(asked) == 0
    (shape,) = load_shapes(tmp_path)
    assert shape.cell == cell and shape.owner == [0, 0, 1, 1, 2, 2]
    assert below_mean_head([shape]).mean > 10.0  # these weights know shape
    assert main(asked) == 0
    assert "every complete run that has weights has shape errors" in capsys.readouterr().out
