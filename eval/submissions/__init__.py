"""Submissions: read without pickle, checked, and held as rows."""
