"""Reads photos as pixels, and finds faces and the person in them."""
