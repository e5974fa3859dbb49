"""The Basel Face Model, read from the user's own files, and points on its surface."""
