"""What the tracker in a browser needs of weights, detector and head, as compact files."""
