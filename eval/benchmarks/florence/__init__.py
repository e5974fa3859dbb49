"""Florence (MICC): scans read, rendered, cropped, and compared with reconstructions."""
