"""Reads questionnaires/: load, cases, lint; refuses an incomplete or tampered folder."""
