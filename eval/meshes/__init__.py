"""Rays and nearest points on triangle meshes."""
