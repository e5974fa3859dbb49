"""Face reconstruction from photos: the reconstructor, network inference and the `Face` result."""
