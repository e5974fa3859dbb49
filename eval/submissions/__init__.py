"""Submissions: read without pickle, checked, and streamed in rows."""
