"""dasl: a 3D face from one photo."""
