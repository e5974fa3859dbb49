"""Training: labelled faces in, exported weights out. Never imported by the predictor."""
