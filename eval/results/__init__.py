"""The record of one evaluation, and its files."""
