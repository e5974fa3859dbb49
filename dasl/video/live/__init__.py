"""Live tracking of one face, and streaming of its expression to other programs."""
