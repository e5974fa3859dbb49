"""AFLW-LFPA: files, and the map from 68 points to its 34."""

from eval.benchmarks.aflw_lfpa.landmarks import BENCHMARKS

__all__ = ["BENCHMARKS"]
