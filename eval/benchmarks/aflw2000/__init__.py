"""AFLW2000-3D as published: files, coefficients, and its named variants."""
