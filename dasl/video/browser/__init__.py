"""Compact files of weights, detector and head for the tracker in the browser."""
