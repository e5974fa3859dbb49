"""AFLW2000-3D: its files, coefficients and named variants, and the five ways to score it."""

from eval.benchmarks.aflw2000 import dense, landmarks, pose, reconstruction

BENCHMARKS = (
    *landmarks.BENCHMARKS,
    *pose.BENCHMARKS,
    *dense.BENCHMARKS,
    *reconstruction.BENCHMARKS,
)
