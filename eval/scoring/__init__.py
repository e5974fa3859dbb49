"""Errors of each image, alignment, averages, comparison and diagnosis: pure functions."""
