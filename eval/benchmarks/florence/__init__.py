"""Florence (MICC): scans read, rendered, cropped, and compared with reconstructions."""

from eval.benchmarks.florence.scan_error import BENCHMARKS

__all__ = ["BENCHMARKS"]
