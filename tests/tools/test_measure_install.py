"""The table of an environment's sizes, and what is measured of a process."""

import sys
from pathlib import Path

import pytest

from tools.measure_install import measured, package_sizes, size_table


def test_a_packages_size_is_that_of_its_files() -> None:
    import safetensors

    folder = Path(safetensors.__file__).parent
    known = sum(path.stat().st_size for path in folder.rglob("*") if path.suffix != ".pyc")
    size = package_sizes(Path(sys.executable))["safetensors"]
    assert known <= size <= 1.5 * known


def test_the_table_adds_up_and_leaves_out_what_venv_brings() -> None:
    sizes = {"small": 400_000, "other": 500_000, "large": 20_000_000, "pip": 10**9}
    assert size_table(sizes).splitlines()[2:] == [
        "| large | 20.0 |",
        "| 2 others | 0.9 |",
        "| **together** | **21** |",
    ]


def test_memory_and_processor_time_are_of_the_process_itself() -> None:
    idle = measured([sys.executable, "-c", ""])
    busy = measured([sys.executable, "-c", "x = b'1' * 200_000_000; sum(range(3_000_000))"])
    assert 180 < busy.peak_mb - idle.peak_mb < 220
    assert busy.cpu_s > idle.cpu_s


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(SystemExit, match="exit status 3"):
        measured([sys.executable, "-c", "raise SystemExit(3)"])
