"""The Basel Face Model of the user's own files, and points on its surface."""
