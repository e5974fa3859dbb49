"""Copies exactly the files that a Space needs into a folder to upload."""

import ast
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

ENTRY = "app.py"
PACKAGES = ("dasl", "eval", "space")
WHOLE = ("eval",)
"""Packages that are uploaded whole: the page tells visitors to score locally with them."""

PLAIN_FILES = (
    "README.md",
    "LICENSE",
    "LICENSE-ICT-FaceKit",
    "LICENSE-weights",
    "NOTICE",
)
CARD = "space/web/card.jpg"
DATA_FOLDERS = ("dasl/assets", "space")
LEFT_OUT = ("__pycache__",)

TORCH = "torch==2.11.0"
"""The newest version that ZeroGPU Spaces support."""

GIVEN_BY_SPACE = ("gradio",)
"""Installed by the hub in the version that the README's front matter names."""


class DeployError(RuntimeError):
    """The Space cannot be created; the message says why and what to do."""


def space_files(root: Path) -> list[str]:
    """Paths of what is uploaded, relative to the root, sorted; without `requirements.txt`.

    Source files are those that the entry point imports, directly or indirectly, including imports
    inside functions. The pictures shown in the readme are included.

    Raises:
        DeployError: a file is missing.
    """
    names = {ENTRY, *PLAIN_FILES, *_readme_pictures(root)}
    names |= {path.relative_to(root).as_posix() for path in _imported(root)}
    for package in WHOLE:
        names |= set(_files(root, package))
    for folder in DATA_FOLDERS:
        names |= {name for name in _files(root, folder) if not name.endswith(".py")}
    missing = sorted(name for name in names if not (root / name).is_file())
    if missing:
        raise DeployError(
            f"{', '.join(missing)}: not in {root}; run it in a complete copy of the project"
        )
    return sorted(names)


def space_requirements(text: str, *, gpu: bool = False) -> str:
    """The requirements of a Space: without gradio, and with torch only for a GPU.

    Args:
        text: content of `requirements.txt`.
        gpu: whether the Space has a GPU (ZeroGPU too) and so needs torch with CUDA, gigabytes.
    """
    kept = [TORCH] if gpu else []
    for line in text.splitlines():
        name = re.split(r"[^\w.-]", line.strip(), maxsplit=1)[0].lower()
        if name and name not in GIVEN_BY_SPACE:
            kept.append(line.strip())
    return "\n".join(kept) + "\n"


def with_thumbnail(readme: str, repo_id: str) -> str:
    """The readme with the preview picture for links to the Space added to its front matter.

    Args:
        readme: text that begins with front matter.
        repo_id: the Space, "user/space"; the hub needs the picture's full address.
    """
    address = f"https://huggingface.co/spaces/{repo_id}/resolve/main/{CARD}"
    return readme.replace("---\n", f"---\nthumbnail: {address}\n", 1)


def stage(root: Path, folder: Path, repo_id: str, *, gpu: bool = False) -> list[str]:
    """Copy the Space's files into a folder.

    Args:
        root: folder of the project.
        folder: an empty folder.
        repo_id: see `with_thumbnail`.
        gpu: see `space_requirements`.

    Returns:
        The paths inside it, sorted.

    Raises:
        DeployError: a file is missing.
    """
    names = space_files(root)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, folder / name)
    readme = (root / "README.md").read_text(encoding="utf-8")
    (folder / "README.md").write_text(with_thumbnail(readme, repo_id), encoding="utf-8")
    requirements = (root / "requirements.txt").read_text(encoding="utf-8")
    written = space_requirements(requirements, gpu=gpu)
    (folder / "requirements.txt").write_text(written, encoding="utf-8")
    return sorted([*names, "requirements.txt"])


def _imported(root: Path) -> set[Path]:
    """Source files that the entry point imports, with the `__init__.py` of their packages."""
    reached: set[Path] = set()
    waiting = [root / ENTRY]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for name in _modules(path):
            waiting += [module for module in _module_files(root, name) if module not in reached]
    return reached


def _modules(path: Path) -> Iterable[str]:
    """Absolute names that a source file imports; a name from a package may be a module of it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module_files(root: Path, name: str) -> Iterable[Path]:
    """The source files of one of our modules and of its parent packages."""
    parts = name.split(".")
    if parts[0] not in PACKAGES:
        return
    for length in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:length])
        for candidate in (place / "__init__.py", place.with_suffix(".py")):
            if candidate.is_file():
                yield candidate


def _files(root: Path, folder: str) -> Iterable[str]:
    """All files below a folder, except hidden files and caches."""
    for path in (root / folder).rglob("*"):
        inner = path.relative_to(root)
        away = any(part.startswith(".") or part in LEFT_OUT for part in inner.parts)
        if path.is_file() and not away:
            yield inner.as_posix()


def _readme_pictures(root: Path) -> set[str]:
    text = (root / "README.md").read_text(encoding="utf-8")
    return {name for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text) if "://" not in name}
