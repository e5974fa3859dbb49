"""Upload the demo as a Space of the hub."""
