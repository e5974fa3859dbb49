"""Hair or a hat as a mesh of its own around a head."""
