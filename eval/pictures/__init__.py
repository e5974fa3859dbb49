"""Plots of results, and sheets of faces."""
