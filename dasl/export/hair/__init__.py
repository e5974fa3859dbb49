"""Hair or a hat as a separate mesh around a head."""
