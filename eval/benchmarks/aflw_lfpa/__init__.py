"""AFLW-LFPA: files, and the map from 68 points to its 34."""
