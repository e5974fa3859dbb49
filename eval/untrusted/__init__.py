"""Untrusted files and texts: bounded sizes, no unpickling, sanitised display."""
