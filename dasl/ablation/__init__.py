"""Few 3D annotations, many 2D faces: what each part of the method is worth."""
