"""What all tests share: the data beside the project, and a browser.

Neither is part of the repository. A test that needs one of them skips without it and says
what would make it run; `pytest -ra`, the default here, prints that reason at the end.
"""

import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.program import telemetry

telemetry.turn_off()  # before a test imports what would report

DATA_ROOT_VARIABLE = "DASL_DATA_ROOT"
DATA_FOLDERS = ("aflw2000_3d", "faces_2d", "submissions")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One process more than cores: tests in a browser wait for much of their time."""
    cores = yield
    return cores if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else cores + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files start first, so that no process ends with one while the others wait."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """What was imported stays to the end, so the garbage collector need not search it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Output with names that are not UTF-8 is escaped: a process of its own could not send it."""
    report = yield
    report.sections = [
        (title, text.encode(errors="backslashreplace").decode()) for title, text in report.sections
    ]
    return report


@pytest.fixture(scope="session", autouse=True)
def _one_embedded_head() -> Iterator[None]:
    """The embedded head is read once: textures and renderings keep what they measure with it."""
    module: Any = sys.modules.get("dasl.head.morphable_model")
    if module is None:
        yield
        return
    read, embedded, kept = module.MorphableModel.load, module.EMBEDDED_HEAD, []

    def load(path: Path | None = None, *more: Any, **options: Any) -> Any:
        if path is not None or more or options or embedded != module.EMBEDDED_HEAD:
            return read(path, *more, **options)
        if not kept:
            kept.append(read())
        return kept[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.MorphableModel, "load", load)
        yield
    for name in module.FLOAT_TENSORS if kept else ():  # nothing wrote on what all share
        ours, theirs = (np.asarray(getattr(head, name)) for head in (kept[0], read(embedded)))
        assert np.array_equal(ours, theirs), f"a test changed the embedded head's {name}"


@pytest.fixture(scope="session")
def data_root() -> Path:
    """Folder with `aflw2000_3d/`, `faces_2d/` and `submissions/`, named by DASL_DATA_ROOT."""
    value = os.environ.get(DATA_ROOT_VARIABLE, "")
    if not value:
        pytest.skip(f"{DATA_ROOT_VARIABLE} is not set: set it to the folder with the data sets")
    root = Path(value)
    missing = [name for name in DATA_FOLDERS if not (root / name).is_dir()]
    if missing:
        pytest.fail(
            f"{DATA_ROOT_VARIABLE}={value} has no {', '.join(missing)}: name a folder with "
            f"{', '.join(DATA_FOLDERS)}, or unset it"
        )
    return root


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Executable of a Chromium for the tests of the demo."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    pytest.skip(f"no browser on the PATH ({', '.join(BROWSERS)}): apt-get install chromium")


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    """One Chromium for all tests; each opens a page.

    It has a profile on disk, where Chromium keeps compiled scripts: a page opens with less work.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    from tests.space.trouble import TROUBLE  # only tests that open a page need gradio
    from tests.space.visit import CHROMIUM_FLAGS, SHARED, WAIT_MS

    with playwright.sync_playwright() as started:
        context = started.chromium.launch_persistent_context(
            "", executable_path=chromium_path, args=CHROMIUM_FLAGS
        )
        context.pages[0].close()  # that of the start
        context.set_default_timeout(WAIT_MS)
        SHARED.append(context)
        with TROUBLE.heard():
            yield SHARED[0]
        SHARED.clear()
        context.close()
