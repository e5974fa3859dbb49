"""Training of the hair network, `dasl.network.hair_parser`."""
