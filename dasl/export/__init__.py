"""Export of a face: the textured head as mesh files, the record as JSON and NPZ."""
