"""Random changes of training faces: geometry, appearance, landmark maps."""
