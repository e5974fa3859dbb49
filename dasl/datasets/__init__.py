"""Readers of training data, one module per source."""
