"""The head model: its shape, its landmarks, its surface, and fitting it to points."""
