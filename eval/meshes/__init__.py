"""Rays, nearest points and barycentric weights on triangle meshes."""
