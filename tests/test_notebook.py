"""The Colab notebook, run in a kernel without network: each cell works, and the files are there."""

import json
import os
from pathlib import Path

import pytest
from pygltflib import GLTF2

from tests.test_project import ROOT

nbclient = pytest.importorskip("nbclient", reason="pip install 'dasl[dev]'")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel", reason="pip install 'dasl[dev]'")

NOTEBOOK = ROOT / "notebooks" / "one_photo.ipynb"


def _text(notebook) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


def test_its_cells_make_a_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    monkeypatch.setenv("PIP_NO_INDEX", "1")  # dasl is installed already; nothing may be fetched
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=300, resources=where).execute()
    text = _text(notebook)
    assert "face 1: confidence" in text and "face 2" not in text
    pictures = [o for c in notebook.cells for o in c.get("outputs", []) if "image/png" in str(o)]
    assert len(pictures) == 2
    read = GLTF2().load(str(tmp_path / "head.glb"))
    assert read is not None and len(read.meshes[0].primitives[0].targets) == 52
    assert json.loads((tmp_path / "head.json").read_text())["confidence"] > 0.5


def test_it_is_stored_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells)
