"""Readers of other systems' output; each returns predictions in the benchmark's frame."""
