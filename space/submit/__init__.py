"""The Submit tab: a submission scored, kept and published."""
