"""AFLW, 21 points: 3DDFA's crops of AFLW with AFLW's own annotation."""

from eval.benchmarks.aflw21.landmarks import BENCHMARKS

__all__ = ["BENCHMARKS"]
