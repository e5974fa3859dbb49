"""Two wheels from one tree: `dasl-eval` owns the scorer, and `dasl` depends on it."""

import json
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

from tests.eval.invented_aflw2000 import write_aflw2000
from tools.distributions import build_distributions

ROOT = Path(__file__).resolve().parents[1]
SCORER, WHOLE = ROOT / "dasl-eval", ROOT
LIGHT = {"numpy", "scipy", "pillow", "trimesh", "filelock", "tqdm"}
"""What the scorer needs in any case."""
INSTALLED = ("numpy", "numpy.libs", "scipy", "scipy.libs", "PIL", "pillow.libs")
INSTALLED += ("trimesh", "filelock", "tqdm")
"""The same as folders of an environment."""
RUN = """\
import sys
sys.path[:0] = [{scorer!r}, {environment!r}]
import eval
assert eval.__file__.startswith({scorer!r}), eval.__file__
from eval.__main__ import main
sys.exit(main({words}))
"""


def _project(folder: Path) -> dict:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _requirements(lines: list[str]) -> dict[str, Requirement]:
    return {r.name.lower(): r for r in map(Requirement, lines)}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both wheels, each built from its unpacked sdist."""
    built = build_distributions(tmp_path_factory.mktemp("built"))
    return {part.wheel.name.split("-")[0]: part.wheel for part in built}


def _files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_one_wheel_owns_the_scorer_and_the_other_the_rest(wheels: dict[str, Path]):
    owned = {name: set(_files(path)) for name, path in wheels.items()}
    tops = {
        name: {file.split("/")[0] for file in files if ".dist-info" not in file}
        for name, files in owned.items()
    }
    assert tops == {"dasl_eval": {"eval"}, "dasl": {"dasl", "space"}}
    in_tree = (path for path in (ROOT / "eval").rglob("*") if path.is_file())
    wanted = {p.relative_to(ROOT).as_posix() for p in in_tree if "__pycache__" not in p.parts}
    assert {name for name in owned["dasl_eval"] if name.startswith("eval/")} == wanted


def test_the_whole_carries_its_networks_and_stays_small(wheels: dict[str, Path]):
    assets = {p.relative_to(ROOT).as_posix() for p in (ROOT / "dasl/assets").rglob("*.*")}
    assert len(assets) > 8 and assets <= set(_files(wheels["dasl"]))
    assert wheels["dasl"].stat().st_size < 30_500_000  # with two sets of weights


def test_each_wheel_names_its_programs_and_carries_its_licence(wheels: dict[str, Path]):
    for name, program in (("dasl_eval", "dasl-eval"), ("dasl", "dasl")):
        files = _files(wheels[name])
        entries = next(body for file, body in files.items() if file.endswith("entry_points.txt"))
        lines = entries.decode().splitlines()
        assert [line.split(" = ")[0] for line in lines if " = " in line] == [program]
        licence = next(body for file, body in files.items() if file.endswith("licenses/LICENSE"))
        assert b"Apache License" in licence


def test_the_scorer_needs_little_and_the_whole_needs_the_scorer(wheels: dict[str, Path]):
    files = _files(wheels["dasl_eval"])
    metadata = message_from_bytes(next(b for f, b in files.items() if f.endswith("METADATA")))
    lines = metadata.get_all("Requires-Dist") or []
    always = {name for name, r in _requirements(lines).items() if "extra" not in str(r.marker)}
    assert always == LIGHT
    assert set(metadata.get_all("Provides-Extra") or []) == {"plots", "mat73", "hub", "rays"}
    needed = _requirements(_project(WHOLE)["dependencies"])["dasl-eval"]
    assert needed.extras == {"hub", "rays"}
    assert str(needed.specifier) == f"=={_project(SCORER)['version']}"


def test_both_ask_for_the_same_versions():
    scorer = _project(SCORER)
    extras = [line for part in scorer["optional-dependencies"].values() for line in part]
    ours = _requirements([*scorer["dependencies"], *extras])
    whole = _project(WHOLE)
    parts = (whole["dependencies"], *whole["optional-dependencies"].values())
    theirs = _requirements([line for part in parts for line in part])
    for name in set(ours) & set(theirs):
        assert ours[name].specifier == theirs[name].specifier, name


def _alone(wheels: dict[str, Path], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The scorer as after `pip install` of its wheel into an environment of its own."""
    scorer, environment = folder / "scorer", folder / "environment"
    with zipfile.ZipFile(wheels["dasl_eval"]) as opened:
        opened.extractall(scorer)
    environment.mkdir()
    around = Path(np.__file__).parents[1]
    for name in INSTALLED:
        if (around / name).exists():
            (environment / name).symlink_to(around / name, target_is_directory=True)
    program = RUN.format(scorer=str(scorer), environment=str(environment), words=list(words))
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_scorers_wheel_scores_where_nothing_else_is_installed(
    wheels: dict[str, Path], tmp_path: Path
):
    names, points = write_aflw2000(tmp_path, seed=0)
    found = points.transpose(0, 2, 1) + np.float32([1.5, 0.0, 0.0])
    np.savez(tmp_path / "mine.npz", ids=np.array(names), landmarks=found)
    words = ("score", "aflw2000-3d", "mine.npz", "--root", str(tmp_path), "--json", "mine.json")
    done = _alone(wheels, tmp_path, *words)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "mine.json").read_text())
    sides = points[:, :2].max(axis=2) - points[:, :2].min(axis=2)
    expected = np.mean(1.5 / np.sqrt(sides.prod(axis=1)))
    assert record["scores"][0]["mean_of_images"] == pytest.approx(expected, rel=1e-4)


def test_what_an_extra_would_bring_is_named(wheels: dict[str, Path], tmp_path: Path):
    done = _alone(wheels, tmp_path, "plot", "ced", "none.json", "--output", "curves.png")
    assert done.returncode == 1
    assert "pip install './dasl-eval[plots,mat73,hub]'" in done.stderr
    assert "Traceback" not in done.stderr
