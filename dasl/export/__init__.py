"""Files of a face: the textured head as a mesh, the record as JSON and NPZ."""
