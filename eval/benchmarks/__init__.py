"""The benchmarks by name. Each has a folder that declares it; add a new folder to the list here."""

from typing import Any

from eval.benchmarks import aflw21, aflw2000, aflw_lfpa, florence
from eval.benchmarks.benchmark import Benchmark
from eval.benchmarks.protocol import Protocol

_FOLDERS = (aflw2000, aflw21, aflw_lfpa, florence)

BENCHMARKS: dict[str, Benchmark[Any]] = {
    benchmark.protocol.name: benchmark for folder in _FOLDERS for benchmark in folder.BENCHMARKS
}
PROTOCOLS: dict[str, Protocol] = {name: each.protocol for name, each in BENCHMARKS.items()}
