"""Training: from labelled faces to exported weights. Never imported at inference."""
