"""Readers of what other systems write; each returns predictions in the benchmark's frame."""
