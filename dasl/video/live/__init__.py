"""One face followed while the camera runs, and its expression sent to other programs."""
